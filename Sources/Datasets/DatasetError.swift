//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import POSIX
package import Resources

/// Why a dataset could not be rendered.
package struct DatasetError: Error, Hashable, Sendable {
    /// The kind of failure.
    package struct Code: RawRepresentable, Hashable, Sendable {
        /// The kind as a word.
        package let rawValue: String

        /// Makes a kind from its word.
        package init(rawValue: String) { self.rawValue = rawValue }

        /// Rows that cannot be used.
        package static let badRows = Code(rawValue: "bad-row")
        /// A filter that names what no row has.
        package static let badFilter = Code(rawValue: "bad-filter")
        /// A source whose bytes are not those that the manifest pins.
        package static let digestMismatch = Code(rawValue: "digest-mismatch")
        /// A source without rows, or whose rows all validate.
        package static let noRows = Code(rawValue: "no-rows")
        /// A source that was changed while it was read.
        package static let changed = Code(rawValue: "source-changed")
        /// A source that could not be read.
        package static let unreadable = Code(rawValue: "unreadable-source")
    }

    /// The kind of failure.
    package let code: Code
    /// What happened, to which file; lower case, no full stop.
    package let message: String
    /// The failure as findings with their places: of bad rows the first ten, then one with the count of all.
    package let diagnostics: [Diagnostic]

    init(_ code: Code, _ message: String, diagnostics: [Diagnostic]? = nil) {
        self.code = code
        self.message = message
        self.diagnostics = diagnostics ?? [Diagnostic(Diagnostic.ID(rawValue: code.rawValue), message)]
    }

    /// Makes the error of a source that cannot be read.
    package init(unreadable message: String) { self.init(.unreadable, message) }

    static func unreadable(_ name: String, _ cause: any Error) -> DatasetError {
        if let error = cause as? DatasetError { return error }
        return DatasetError(.unreadable, "cannot read \(name): \(reason(of: cause))")
    }

    private static func reason(of cause: any Error) -> String {
        guard let error = cause as? POSIXError else { return "\(cause)" }
        if error.isMissing { return "there is no such file" }
        return error.isForbidden ? "there is no permission to read it" : error.description
    }
}
