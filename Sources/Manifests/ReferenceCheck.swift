//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Resources

/// A name in one resource that stands for another.
struct Reference: Sendable {
    /// The kinds that the name may be of, the usual one first.
    let targets: [ResourceKind]
    /// The name.
    let name: String
    /// Where it stands.
    let range: SourceRange
    /// The resource that has it.
    let origin: Origin

    /// The resource that has references, and its text.
    final class Origin: Sendable {
        /// Its name.
        let name: String?
        /// Its kind.
        let kind: ResourceKind?
        fileprivate let text: SourceText
        fileprivate let secrets: [SourceRange]

        init(_ document: Document) {
            (name, kind) = (document.nameText, document.kind)
            (text, secrets) = (document.decoder.source, document.decoder.secrets)
        }
    }

    /// Where it stands, with its line; found only for the few of which there is something to say.
    var place: Place {
        var place = origin.text.place(range).hiding(origin.secrets)
        place.context = Document.context(origin.kind, origin.name)
        return place
    }
}

/// Finds references that name nothing, and fine-tunes that wait for themselves.
struct ReferenceCheck {
    private static let shownOfCycle = 8

    /// Names by kind.
    var declared: [ResourceKind: Set<String>]
    /// The fine-tunes that are sweeps, which no reference can mean as a whole.
    var sweeps: Set<String> = []
    /// The names of their points.
    var points: Set<String> = []
    /// Whether these are all names that there are.
    var knowsAllNames: Bool

    func findings(_ references: [Reference]) -> [Diagnostic] {
        let chains = references.filter { isFineTuneAsBase($0) }
        var findings: [Diagnostic] = []
        for reference in references where findings.count <= ManifestLoader.findingLimit {
            if let finding = dangling(reference) { findings.append(finding) }
        }
        return findings + cycles(chains) + MixtureCycles(references).findings
    }

    private func dangling(_ reference: Reference) -> Diagnostic? {
        if let finding = wholeSweep(reference) { return finding }
        let isKnown = reference.targets.contains { declared[$0]?.contains(reference.name) ?? false }
        guard knowsAllNames, !isKnown, !isPoint(reference), let kind = reference.targets.first else { return nil }
        let kinds = reference.targets.map(\.rawValue).joined(separator: " or ")
        let names =
            reference.targets.flatMap { declared[$0] ?? [] }
            + (reference.targets.contains(.fineTune) ? Array(points) : [])
        let others = names.isEmpty ? ["the manifests have no \(kind.rawValue)"] : []
        let near = Suggestion.nearest(reference.name, among: names).map { ["did you mean `\($0)`?"] }
        let message = "no \(kinds) is named `\(excerpt(reference.name))`"
        return reference.place.diagnostic(.danglingReference, message, notes: near ?? others)
    }

    private func isFineTuneAsBase(_ reference: Reference) -> Bool {
        reference.origin.kind == .fineTune && reference.targets.contains(.fineTune)
            && !(declared[.baseModel]?.contains(reference.name) ?? false)
            && declared[.fineTune]?.contains(Self.written(reference.name)) ?? false
    }

    /// Whether a reference means a point of a sweep; where the sweep is faulty, nobody knows its points.
    private func isPoint(_ reference: Reference) -> Bool {
        guard reference.targets.contains(.fineTune) else { return false }
        let sweep = Self.written(reference.name)
        let isFaulty = sweep != reference.name && !sweeps.contains(sweep)
        return points.contains(reference.name) || isFaulty && declared[.fineTune]?.contains(sweep) ?? false
    }

    private func wholeSweep(_ reference: Reference) -> Diagnostic? {
        guard isFineTuneAsBase(reference), sweeps.contains(reference.name) else { return nil }
        let first = points.filter { Self.written($0) == reference.name }.min() ?? ""
        let message = "`\(excerpt(reference.name))` is a sweep; name one of its points"
        return reference.place.diagnostic(.danglingReference, message, notes: ["such as `\(first)`"])
    }

    /// The name that stands in the manifest: of a point, its sweep's.
    private static func written(_ name: String) -> String { String(name.prefix { $0 != "[" }) }

    /// Each fine-tune has one base, so that following it either ends or comes round.
    private func cycles(_ chains: [Reference]) -> [Diagnostic] {
        var next: [String: Reference] = [:]
        for reference in chains {
            if let source = reference.origin.name, next[source] == nil { next[source] = reference }
        }
        var findings: [Diagnostic] = []
        var seen: Set<String> = []
        for start in next.keys.sorted() {
            var path: [String] = []
            var current = start
            while let reference = next[current], seen.insert(current).inserted {
                path.append(current)
                current = Self.written(reference.name)
            }
            guard let first = path.firstIndex(of: current), let closing = next[current] else { continue }
            let cycle = path[first...]
            let shown = cycle.prefix(Self.shownOfCycle) + (cycle.count > Self.shownOfCycle ? ["…"] : []) + [current]
            let round = shown.map { $0 == "…" ? $0 : "`\(excerpt($0))`" }.joined(separator: " → ")
            findings.append(closing.place.diagnostic(.referenceCycle, "FineTunes are each other's base: \(round)"))
        }
        return findings
    }
}
