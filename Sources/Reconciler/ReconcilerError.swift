//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Manifests
package import Resources

/// Why reconciling stopped: what happened, to which thing, what to do next.
package struct ReconcilerError: Error, Hashable, Sendable {
    /// The kind of stop, by which exit codes are chosen.
    package enum Code: Hashable, Sendable {
        /// Manifests or data have errors; the findings say which.
        case invalid
        /// Manifests or data differ from the commit.
        case uncommitted
        /// The repository is in a state that nothing can be published to.
        case repository
        /// The ledger is missing, or cannot be reached.
        case ledger
        /// A name on the command line fits nothing, or too much.
        case unknownName
        /// Where something is to be written is something else.
        case occupied
        /// A file of a run or a version is not as it should be.
        case damaged
    }

    /// The kind of stop.
    package let code: Code
    /// What happened and what to do next; lower case, no full stop.
    package let message: String
    /// The findings, where the user's files have errors.
    package let diagnostics: [Diagnostic]

    /// Makes an error.
    package init(_ code: Code, _ message: String, diagnostics: [Diagnostic] = []) {
        self.code = code
        self.message = message.bounded
        self.diagnostics = diagnostics
    }
}

extension ReconcilerError: CustomStringConvertible {
    /// The message.
    package var description: String { message }
}

extension ReconcilerError {
    /// A resource that cannot be used as it has errors itself; else a name that fits none, beside errors elsewhere.
    init(unusable name: String, _ kind: String, among known: [ResourceName], _ errors: [Diagnostic]) {
        let own = errors.filter { $0.context == "\(kind) \(name)" }
        let word = kind == "Dataset" ? "dataset" : "base model"
        switch own.count {
        case 0:
            let unknown = ReconcilerError(unknown: name, word, among: known)
            self.init(.unknownName, unknown.message, diagnostics: errors)
        case 1: self.init(.invalid, "\(word) \(name) has an error: \(own[0].message)", diagnostics: own)
        default: self.init(.invalid, "\(word) \(name) has \(own.count) errors", diagnostics: own)
        }
    }

    /// A name that fits none of those that there are.
    init(unknown name: String, _ kind: String, among known: some Collection<ResourceName>) {
        let names = known.map(\.rawValue).sorted()
        let shown = names.prefix(8).joined(separator: ", ") + (names.count > 8 ? " and \(names.count - 8) more" : "")
        let meant = Suggestion.nearest(name, among: names).map { ": did you mean \($0)?" }
        let others = names.isEmpty ? ": the manifests have none" : "; there are \(shown)"
        self.init(.unknownName, "there is no \(kind) `\(name)`\(meant ?? others)")
    }
}
