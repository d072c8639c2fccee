//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Glibc

/// A call of the C library that failed: which number, doing what, to which thing.
package struct POSIXError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The error's number, such as `ENOENT`.
    package let code: Int32
    /// What could not be done; lower case, no full stop.
    package let message: String
    /// The path that it was about, where there is one.
    package let path: String?

    /// Makes an error.
    package init(code: Int32, message: String, path: String? = nil) {
        self.code = code
        self.message = message
        self.path = path
    }

    /// The error that `errno` holds now.
    static func last(_ message: String, path: String? = nil) -> POSIXError {
        POSIXError(code: errno, message: message, path: path)
    }

    /// What happened, to which path, and the C library's own words.
    package var description: String {
        let thing = path.map { " \($0)" } ?? ""
        let reason = strerror(code).map { String(cString: $0) } ?? "error \(code)"
        return "\(message)\(thing): \(reason.lowercased())"
    }

    /// Whether the thing is not there.
    package var isMissing: Bool { code == ENOENT || code == ENOTDIR }

    /// Whether the thing is there already.
    package var isPresent: Bool { code == EEXIST || code == ENOTEMPTY }

    /// Whether whoever would read has gone.
    package var isBroken: Bool { code == EPIPE }

    /// Whether the user may not do this.
    package var isForbidden: Bool { code == EACCES || code == EPERM }

    /// Whether the disk or a quota is full.
    package var isFull: Bool { code == ENOSPC || code == EDQUOT }
}

/// Calls again for as long as a signal interrupts the call.
func uninterrupted<Result: SignedInteger>(_ call: () -> Result) -> Result {
    while true {
        let result = call()
        guard result == -1, errno == EINTR else { return result }
    }
}
