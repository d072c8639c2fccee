//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Manifests
internal import Resources

/// Which of the manifests' fine-tunes a command is about: those of some names, of some labels, or all.
package struct Selection: Hashable, Sendable {
    /// A label and the value that it must have.
    package struct Label: Hashable, Sendable {
        /// The label.
        package let name: String
        /// Its value.
        package let value: String

        /// Reads `label=value`.
        package init?(_ text: String) {
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2, !parts[0].isEmpty else { return nil }
            (name, value) = (parts[0], parts[1])
        }
    }

    /// Names; all where there are none.
    package var targets: [String]
    /// Labels that each must have.
    package var labels: [Label]

    /// Makes a selection.
    package init(targets: [String] = [], labels: [Label] = []) {
        self.targets = targets
        self.labels = labels
    }

    /// All fine-tunes.
    package static let all = Selection()

    /// The names of the fine-tunes that are meant, and of those that they go on from; nothing where all are meant.
    func names(in state: DesiredState) throws -> Set<ResourceName>? {
        guard self != .all else { return nil }
        let named = try targets.isEmpty ? Set(state.fineTunes.keys) : named(in: state)
        let chosen = named.filter { name in
            let labels = state.fineTunes[name]?.metadata.labels ?? [:]
            return self.labels.allSatisfy { labels[$0.name] == $0.value }
        }
        if chosen.isEmpty { throw ReconcilerError(.unknownName, nothing(in: state)) }
        var names: Set<ResourceName> = []
        for fineTune in chosen.compactMap({ state.fineTunes[$0] }) {
            _ = state.lineage(of: fineTune) { !names.insert($0.name).inserted }
        }
        return names
    }

    private func named(in state: DesiredState) throws -> Set<ResourceName> {
        var names: Set<ResourceName> = []
        for name in Set(targets.map(ResourceName.init(rawValue:))).sorted() {
            let meant = state.fineTunes[name].map { [$0] } ?? state.points(of: name)
            guard !meant.isEmpty else {
                throw ReconcilerError(.unknownName, "there is no fine-tune `\(name)`\(Self.hint(name, state))")
            }
            names.formUnion(meant.map(\.name))
        }
        return names
    }

    private static func hint(_ name: ResourceName, _ state: DesiredState) -> String {
        let publishing = state.fineTunes.values.filter { $0.spec.destination.description == name.rawValue }
        if !publishing.isEmpty {
            let list = publishing.map(\.name.rawValue).sorted().joined(separator: ", ")
            return ": the model of this name is published to by \(list)"
        }
        let sweeps = Set(state.fineTunes.values.compactMap { $0.spec.point?.sweep.rawValue })
        let known = state.fineTunes.keys.map(\.rawValue) + sweeps.sorted()
        if let meant = Suggestion.nearest(name.rawValue, among: known) { return ": did you mean \(meant)?" }
        return known.isEmpty ? ": the manifests have none" : "; ftops plan lists them"
    }

    private func nothing(in state: DesiredState) -> String {
        let asked = labels.map { "\($0.name)=\($0.value)" }.joined(separator: " and ")
        let known = Set(state.fineTunes.values.flatMap { $0.metadata.labels.map { "\($0.key)=\($0.value)" } })
        let shown = known.sorted().prefix(8).joined(separator: ", ")
        let hint = known.isEmpty ? "none has a label" : "labels are \(shown)" + (known.count > 8 ? ", …" : "")
        return "no \(targets.isEmpty ? "fine-tune" : "target") has the label \(asked); \(hint)"
    }
}
