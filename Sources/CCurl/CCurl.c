//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

#include "CCurl.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stddef.h>

// Its macro checks types that are checked here by the functions' own.
#undef curl_easy_setopt

#define EACH_FUNCTION(do) \
    do(curl_global_init) do(curl_easy_init) do(curl_easy_reset) do(curl_easy_cleanup) do(curl_easy_perform) \
    do(curl_easy_strerror) do(curl_easy_setopt) do(curl_slist_append) do(curl_slist_free_all) do(curl_free) \
    do(curl_url) do(curl_url_cleanup) do(curl_url_get) do(curl_url_set)

static struct {
#define MEMBER(name) __typeof__(&name) name;
    EACH_FUNCTION(MEMBER)
} loaded;

static const char *failure;

static void load(void) {
#ifdef __APPLE__
    void *library = dlopen("libcurl.4.dylib", RTLD_NOW | RTLD_LOCAL);
#else
    void *library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
#endif
    if (library == NULL) {
        failure = dlerror();
        return;
    }
#define FIND(name) \
    loaded.name = (__typeof__(&name))dlsym(library, #name); \
    if (loaded.name == NULL) failure = "libcurl has no " #name;
    EACH_FUNCTION(FIND)
}

const char *ccurl_load(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, load);
    return failure;
}

CURLcode ccurl_global_init(long flags) { return loaded.curl_global_init(flags); }
CURL *ccurl_easy_init(void) { return loaded.curl_easy_init(); }
void ccurl_easy_reset(CURL *handle) { loaded.curl_easy_reset(handle); }
void ccurl_easy_cleanup(CURL *handle) { loaded.curl_easy_cleanup(handle); }
CURLcode ccurl_easy_perform(CURL *handle) { return loaded.curl_easy_perform(handle); }
const char *ccurl_easy_strerror(CURLcode code) { return loaded.curl_easy_strerror(code); }

struct curl_slist *ccurl_slist_append(struct curl_slist *list, const char *text) {
    return loaded.curl_slist_append(list, text);
}

void ccurl_slist_free_all(struct curl_slist *list) { loaded.curl_slist_free_all(list); }
void ccurl_free(void *memory) { loaded.curl_free(memory); }
CURLU *ccurl_url(void) { return loaded.curl_url(); }
void ccurl_url_cleanup(CURLU *url) { loaded.curl_url_cleanup(url); }

CURLUcode ccurl_url_get(CURLU *url, CURLUPart part, char **text, unsigned int flags) {
    return loaded.curl_url_get(url, part, text, flags);
}

CURLUcode ccurl_url_set(CURLU *url, CURLUPart part, const char *text, unsigned int flags) {
    return loaded.curl_url_set(url, part, text, flags);
}

CURLcode ccurl_set_number(CURL *handle, CURLoption option, long value) {
    return loaded.curl_easy_setopt(handle, option, value);
}

CURLcode ccurl_set_text(CURL *handle, CURLoption option, const char *value) {
    return loaded.curl_easy_setopt(handle, option, value);
}

CURLcode ccurl_set_list(CURL *handle, CURLoption option, struct curl_slist *value) {
    return loaded.curl_easy_setopt(handle, option, value);
}

CURLcode ccurl_set_pointer(CURL *handle, CURLoption option, void *value) {
    return loaded.curl_easy_setopt(handle, option, value);
}

CURLcode ccurl_set_receiver(CURL *handle, CURLoption option, curl_write_callback value) {
    return loaded.curl_easy_setopt(handle, option, value);
}

CURLcode ccurl_set_opener(CURL *handle, curl_opensocket_callback value) {
    return loaded.curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, value);
}
