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
        /// A template that names what no row has, or none where rows need one.
        package static let badTemplate = Code(rawValue: "bad-template")
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
        /// A source that could be read and is not, as nobody vouches for who names it.
        package static let unread = Code(rawValue: "not-planned")
    }

    /// The kind of failure.
    package let code: Code
    /// What happened, to which file; lower case, no full stop.
    package let message: String
    /// The failure as findings with their places: of bad rows the first ten, then one with the count of all.
    package let diagnostics: [Diagnostic]
    /// The fields that no row has, where that is the failure; its findings come first, one a field.
    package private(set) var absent: AbsentFields?

    init(_ code: Code, _ message: String, diagnostics: [Diagnostic]? = nil) {
        self.code = code
        self.message = message
        self.diagnostics = diagnostics ?? [Diagnostic(Diagnostic.ID(rawValue: code.rawValue), message)]
    }

    /// Makes the error of a source that cannot be read.
    package init(unreadable message: String) { self.init(.unreadable, message) }

    /// Makes the error of a source that is not read for strangers.
    package init(unread message: String) { self.init(.unread, message) }

    /// Makes the error of fields that no row has, and of what is wrong with rows beside it.
    init(_ absent: AbsentFields, beside other: DatasetError?) {
        let findings = absent.findings
        self.init(.badTemplate, findings[0].message, diagnostics: findings + (other?.diagnostics ?? []))
        self.absent = absent
    }

    /// The error of a source that is not what it was a moment ago.
    static func changed(_ name: String) -> DatasetError {
        DatasetError(.changed, "\(name) was changed while it was read: run this again")
    }

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

extension AbsentFields {
    /// A finding for each field, whose place is for others to know.
    fileprivate var findings: [Diagnostic] {
        let has = known.isEmpty ? "no fields" : list(known)
        return names.map { name in
            Diagnostic(
                "bad-template",
                message(name),
                notes: notes(name) + ["\(rows == 1 ? "it" : "the first") has \(has)"]
            )
        }
    }

    private func message(_ name: String) -> String {
        let which = rows == 1 ? "the row of \(source)" : "none of the \(rows) rows of \(source)"
        let has = rows == 1 ? "has no" : "has"
        if name == RowRenderer.form {
            let forms =
                rows == 1
                ? "has neither prompt and completion or chosen and rejected, nor text, nor messages"
                : "has prompt and completion, prompt, chosen and rejected, text or messages"
            return "\(which) \(forms): name a template in the FineTune"
        }
        let asks =
            areOfTemplate ? " that the template names" : ", as rows need without a template: name one in the FineTune"
        return "\(which) \(has) field \(quoted(name))\(asks)"
    }

    private func notes(_ name: String) -> [String] {
        guard areOfTemplate else { return [] }
        if let padded = known.first(where: { $0.trimmed == name.trimmed }) {
            return ["the field is called \(quoted(padded)) there, with spaces around it: take them out"]
        }
        return Suggestion.nearest(name, among: known).map { ["did you mean {\(excerpt($0))}?"] } ?? []
    }

    private func list(_ names: [String]) -> String {
        names.prefix(8).map(quoted).joined(separator: ", ") + (names.count > 8 ? " and \(names.count - 8) more" : "")
    }
}

extension String {
    fileprivate var trimmed: Substring {
        let start = drop(while: \.isWhitespace)
        return start.prefix(upTo: start.lastIndex { !$0.isWhitespace }.map(start.index(after:)) ?? start.startIndex)
    }
}
