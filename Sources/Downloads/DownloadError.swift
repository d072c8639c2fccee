//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import POSIX
internal import Transfer

/// Why a source could not be downloaded.
package struct DownloadError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind of failure.
    package struct Code: RawRepresentable, Hashable, Sendable {
        /// The kind as a word.
        package let rawValue: String

        /// Makes a kind from its word.
        package init(rawValue: String) { self.rawValue = rawValue }

        /// Other bytes than those that are pinned.
        package static let changed = Code(rawValue: "source-changed")
        /// Settings of this machine that cannot be used.
        package static let settings = Code(rawValue: "bad-settings")
        /// There is nothing, or nothing that fits.
        package static let missing = Code(rawValue: "missing-source")
        /// A page for people, and not the file itself.
        package static let page = Code(rawValue: "html-page")
        /// The server does not hand it out to whom we are.
        package static let refused = Code(rawValue: "source-refused")
        /// The way there does not work.
        package static let unreachable = Code(rawValue: "source-unreachable")
    }

    /// The kind of failure.
    package let code: Code
    /// What happened, to which source; lower case, no full stop.
    package let message: String
    /// What to do about it.
    package let notes: [String]

    init(_ code: Code, _ message: String, notes: [String] = []) {
        self.code = code
        self.message = message
        self.notes = notes
    }

    /// Tells what stopped the work on a source.
    init(_ cause: any Error, at source: String) {
        switch cause {
        case let cause as DownloadError: self = cause
        default: self.init(.unreachable, "cannot download \(source): \(cause)")
        }
    }

    /// The message and what to do.
    package var description: String { ([message] + notes).joined(separator: "; ") }
}
