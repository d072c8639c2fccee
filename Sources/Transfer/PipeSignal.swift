//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Glibc

/// Keeps SIGPIPE, which a write to a closed connection raises, from ending the process.
///
/// libcurl would ignore the signal for the whole process meanwhile, whatever other threads do; it is held back for this
/// thread alone instead, and taken away where it came.
enum PipeSignal {
    static func held<Result>(_ body: () -> Result) -> Result {
        var pipe = sigset_t()
        sigemptyset(&pipe)
        sigaddset(&pipe, SIGPIPE)
        var pending = sigset_t()
        sigpending(&pending)
        let wasPending = sigismember(&pending, SIGPIPE) == 1
        var before = sigset_t()
        pthread_sigmask(SIG_BLOCK, &pipe, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        let result = body()
        var none = timespec()
        while !wasPending, sigtimedwait(&pipe, nil, &none) == -1, errno == EINTR {}
        return result
    }
}
