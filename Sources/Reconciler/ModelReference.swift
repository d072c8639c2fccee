//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Resources

/// A version as the command line names it: `owner/name`, `owner/name:n`, or `owner/name@id`.
package struct ModelReference: Hashable, Sendable {
    /// Which of the model's versions.
    package enum Pick: Hashable, Sendable {
        /// The newest one that meets its gate, of those that HEAD still wants where there is one.
        case newest
        /// The one of this number.
        case number(Int)
        /// The one whose id begins so.
        case id(String)
    }

    /// The model.
    package let model: ModelName
    /// Which of its versions.
    package let pick: Pick

    /// Reads a reference; a name without an owner is the default owner's.
    package init(_ text: String, defaultOwner: String) throws {
        var name = text[...]
        var pick = Pick.newest
        if let sign = text.firstIndex(where: { $0 == ":" || $0 == "@" }) {
            name = text[..<sign]
            let rest = String(text[text.index(after: sign)...])
            if text[sign] == "@" {
                guard !rest.isEmpty else {
                    throw ReconcilerError(.unknownName, "`\(text)`: behind the at sign a version's id is expected")
                }
                pick = .id(rest)
            } else if let number = Int(rest) {
                pick = .number(number)
            } else {
                throw ReconcilerError(.unknownName, "`\(text)`: behind the colon a version's number is expected")
            }
        }
        let full = name.contains("/") ? String(name) : "\(defaultOwner)/\(name)"
        guard let model = ModelName(full) else {
            throw ReconcilerError(
                .unknownName,
                "`\(text)` is no model: write owner/name, owner/name:n or owner/name@id"
            )
        }
        self.model = model
        self.pick = pick
    }

    /// The version that is meant, among all of a repository; `wanted` are those that its manifests still ask for.
    package func find(among versions: [VersionRecord], wanted: Set<Fingerprint>) throws -> VersionRecord {
        let mine = versions.filter { $0.model == model }.sorted { ($0.number ?? 0) < ($1.number ?? 0) }
        guard !mine.isEmpty else {
            let known = Set(versions.map(\.model)).sorted().map(\.description)
            let names = known.joined(separator: ", ")
            let hint = known.isEmpty ? "nothing is published yet" : "there are versions of \(names)"
            throw ReconcilerError(.unknownName, "\(model) has no version; \(hint)")
        }
        let found: [VersionRecord] =
            switch pick {
            case .newest: Self.newest(of: mine, wanted: wanted).map { [$0] } ?? []
            case .number(let number): mine.filter { $0.number == number }
            case .id(let id): mine.filter { $0.id.rawValue.hasPrefix(id) }
            }
        if found.count == 1, let version = found.first { return version }
        let near = found.isEmpty ? mine : found
        let listed = near.suffix(10).map { ":\($0.number ?? 0) @\($0.id.short)" }.joined(separator: ", ")
        let problem =
            switch pick {
            case .newest: "has no version that meets its gate; name the one that you mean:"
            default: found.isEmpty ? "has no such version; there are" : "has several such versions, say which by @id:"
            }
        throw ReconcilerError(.unknownName, "\(model) \(problem) \(listed)")
    }

    private static func newest(of versions: [VersionRecord], wanted: Set<Fingerprint>) -> VersionRecord? {
        let good = versions.filter(\.meetsGate)
        return good.last { wanted.contains($0.fingerprint) } ?? good.last
    }
}
