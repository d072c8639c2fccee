//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

#define _GNU_SOURCE
#include "CPOSIX.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

static int actions(const struct cposix_child *child, posix_spawn_file_actions_t *to_do) {
    int error = 0, past = 3;
    for (size_t i = 0; i < child->descriptors; i++) {
        if (error == 0) error = posix_spawn_file_actions_adddup2(to_do, child->from[i], child->to[i]);
        if (child->to[i] >= past) past = child->to[i] + 1;
    }
    for (int descriptor = 3; descriptor < past && error == 0; descriptor++) {
        bool wanted = false;
        for (size_t i = 0; i < child->descriptors; i++) wanted |= child->to[i] == descriptor;
        if (!wanted) error = posix_spawn_file_actions_addclose(to_do, descriptor);
    }
    if (error == 0) error = posix_spawn_file_actions_addclosefrom_np(to_do, past);
    if (error == 0 && child->folder) error = posix_spawn_file_actions_addchdir_np(to_do, child->folder);
    return error;
}

static int attributes(const struct cposix_child *child, posix_spawnattr_t *attributes) {
    sigset_t none, standard;
    sigemptyset(&none);
    sigfillset(&standard);
    short flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | (child->new_session ? POSIX_SPAWN_SETSID : 0);
    int error = posix_spawnattr_setflags(attributes, flags);
    if (error == 0) error = posix_spawnattr_setsigmask(attributes, &none);
    if (error == 0) error = posix_spawnattr_setsigdefault(attributes, &standard);
    return error;
}

int cposix_spawn(const struct cposix_child *child, pid_t *pid) {
    posix_spawn_file_actions_t to_do;
    posix_spawnattr_t how;
    int error = posix_spawn_file_actions_init(&to_do);
    if (error != 0) return error;
    error = posix_spawnattr_init(&how);
    if (error == 0) {
        error = actions(child, &to_do);
        if (error == 0) error = attributes(child, &how);
        if (error == 0) error = posix_spawnp(pid, child->path, &to_do, &how, child->arguments, child->environment);
        posix_spawnattr_destroy(&how);
    }
    posix_spawn_file_actions_destroy(&to_do);
    return error;
}

int64_t cposix_file_system(const char *path) {
    struct statfs found;
    return statfs(path, &found) == 0 ? (int64_t)(uint32_t)found.f_type : -1;
}

int cposix_random(void *bytes, size_t count) {
    size_t filled = 0;
    while (filled < count) {
        ssize_t more = getrandom((char *)bytes + filled, count - filled, 0);
        if (more > 0) filled += (size_t)more;
        else if (errno != EINTR) return -1;
    }
    return 0;
}

int cposix_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }

int cposix_memory_file(void) { return memfd_create("ftops", MFD_CLOEXEC); }

int cposix_process_descriptor(pid_t pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }

int cposix_terminal_columns(int descriptor) {
    struct winsize size;
    return ioctl(descriptor, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}
