//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

// libcurl, loaded when it is first called: it and the thirty libraries behind it would take a third of the time in which
// a command starts, and most commands ask nothing of any server.

#ifndef CCURL_H
#define CCURL_H

#include <curl/curl.h>

/// Loads libcurl; what is the matter with it, or NULL. Before any other function, which without it would crash.
const char *ccurl_load(void);

// What libcurl calls the same without the first c.

CURLcode ccurl_global_init(long flags);
CURL *ccurl_easy_init(void);
void ccurl_easy_reset(CURL *handle);
void ccurl_easy_cleanup(CURL *handle);
CURLcode ccurl_easy_perform(CURL *handle);
const char *ccurl_easy_strerror(CURLcode code);
struct curl_slist *ccurl_slist_append(struct curl_slist *list, const char *text);
void ccurl_slist_free_all(struct curl_slist *list);
void ccurl_free(void *memory);
CURLU *ccurl_url(void);
void ccurl_url_cleanup(CURLU *url);
CURLUcode ccurl_url_get(CURLU *url, CURLUPart part, char **text, unsigned int flags);
CURLUcode ccurl_url_set(CURLU *url, CURLUPart part, const char *text, unsigned int flags);

// curl_easy_setopt takes a value of any type, which Swift cannot say: one function a type.

CURLcode ccurl_set_number(CURL *handle, CURLoption option, long value);
CURLcode ccurl_set_text(CURL *handle, CURLoption option, const char *value);
CURLcode ccurl_set_list(CURL *handle, CURLoption option, struct curl_slist *value);
CURLcode ccurl_set_pointer(CURL *handle, CURLoption option, void *value);
CURLcode ccurl_set_receiver(CURL *handle, CURLoption option, curl_write_callback value);
CURLcode ccurl_set_opener(CURL *handle, curl_opensocket_callback value);

#endif
