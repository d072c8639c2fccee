//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//
#pragma once
#include <git2.h>
#include <git2/sys/repository.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

// git_libgit2_opts is variadic, which Swift cannot call.
static inline int cgit2_fsync_gitdir(void) {
    return git_libgit2_opts(GIT_OPT_ENABLE_FSYNC_GITDIR, 1);
}

// Swaps two paths atomically; glibc's own declaration hides behind _GNU_SOURCE.
static inline int cgit2_exchange(const char *left, const char *right) {
    return (int)syscall(SYS_renameat2, -100, left, -100, right, 2);
}
