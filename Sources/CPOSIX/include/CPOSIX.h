//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

// What Swift's view of the C library lacks: GNU extensions, macros and functions with variable arguments.

#ifndef CPOSIX_H
#define CPOSIX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/// How a child starts: `from[i]` of this process becomes `to[i]` of the child, which has no other descriptor.
struct cposix_child {
    const char *path;
    char *const *arguments;
    char *const *environment;
    const char *folder;
    const int *from;
    const int *to;
    size_t descriptors;
    bool new_session;
};

/// Starts a child; 0, or the error's number.
int cposix_spawn(const struct cposix_child *child, pid_t *pid);

/// The kind of the file system that holds a path, as statfs(2) numbers it; -1 and errno on failure.
int64_t cposix_file_system(const char *path);

/// Fills bytes with the kernel's randomness; 0, or -1 and errno.
int cposix_random(void *bytes, size_t count);

/// Makes a pipe that no child inherits; 0, or -1 and errno.
int cposix_pipe(int ends[2]);

/// Opens a new empty file that is only in memory and that no child inherits; -1 and errno on failure.
int cposix_memory_file(void);

/// A descriptor that polls readable once the process has ended; -1 and errno on failure.
int cposix_process_descriptor(pid_t pid);

/// Columns of the terminal behind a descriptor; 0 where it is none.
int cposix_terminal_columns(int descriptor);

#endif
