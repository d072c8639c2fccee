//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import CGit2
internal import Glibc

/// The library itself, which is started once a process.
enum LibGit2 {
    private static let started = git_libgit2_init() > 0 && cgit2_fsync_gitdir() == 0

    static func start() throws(GitError) {
        guard started else { throw GitError(.failed, "cannot start libgit2") }
    }
}

/// Throws the error of a libgit2 call that failed.
func check(_ result: Int32, _ action: @autoclosure () -> String) throws(GitError) {
    guard result < 0 else { return }
    throw GitError.last(result, action())
}

/// Repeats a call that fails on an object or a file of git's own.
///
/// A `git gc` meanwhile packs the object that is being read, and removes the folder that one is being written to.
func steady(_ call: () -> Int32) -> Int32 {
    let passing = [GIT_ERROR_ODB, GIT_ERROR_OS, GIT_ERROR_TREE, GIT_ERROR_REFERENCE].map { Int32($0.rawValue) }
    var result = call()
    for pause: UInt32 in [1_000, 10_000, 50_000] {
        let isMissing = result == GIT_ENOTFOUND.rawValue
        guard isMissing || result == GIT_ERROR.rawValue, let kind = git_error_last()?.pointee.klass else { break }
        // A path or a reference that is not there is an answer; an object that is not there is none.
        guard passing.prefix(isMissing ? 2 : 4).contains(kind) else { break }
        usleep(pause)
        result = call()
    }
    return result
}

/// What a libgit2 call hands out, to be freed by the caller.
func made(
    _ action: @autoclosure () -> String,
    _ make: (UnsafeMutablePointer<OpaquePointer?>) -> Int32
) throws(GitError) -> OpaquePointer {
    var pointer: OpaquePointer?
    try check(steady { make(&pointer) }, action())
    guard let pointer else { throw GitError(.failed, "cannot \(action()): libgit2 gave nothing") }
    return pointer
}

/// The same, and nothing where libgit2 says that it is not there.
func found(
    _ action: @autoclosure () -> String,
    _ find: (UnsafeMutablePointer<OpaquePointer?>) -> Int32
) throws(GitError) -> OpaquePointer? {
    var pointer: OpaquePointer?
    let result = steady { find(&pointer) }
    if result == GIT_ENOTFOUND.rawValue { return nil }
    try check(result, action())
    return pointer
}

/// The text that a libgit2 call writes into a buffer; nothing where it is not there.
func text(
    _ action: @autoclosure () -> String,
    _ write: (UnsafeMutablePointer<git_buf>) -> Int32
) throws(GitError) -> String? {
    var buffer = git_buf()
    defer { git_buf_dispose(&buffer) }
    let result = write(&buffer)
    if result == GIT_ENOTFOUND.rawValue { return nil }
    try check(result, action())
    return buffer.ptr.map { String(cString: $0) }
}
