//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Resources

/// What a stranger's change names and a plan of it does not read: no mistake, but what needs it cannot be planned.
struct Unread: Error, Hashable {
    /// What is not read and why; lower case, no full stop.
    let reason: String
    /// Where the manifest names it.
    let range: SourceRange
}

/// The fine-tunes that a plan leaves out, each with what is not read for it.
struct UnplannedFineTunes {
    private var reasons: [ResourceName: Unread] = [:]

    /// Names that a finding has at most.
    private static let shown = 5

    /// Their names, sorted.
    var names: [ResourceName] { reasons.keys.sorted() }

    func contains(_ name: ResourceName) -> Bool { reasons[name] != nil }

    mutating func add(_ name: ResourceName, _ unread: Unread) { reasons[name] = unread }

    /// A finding for each reason, that names those which it keeps from being planned.
    var findings: [Diagnostic] {
        let groups = Dictionary(grouping: names) { reasons[$0] }.sorted { $0.value[0] < $1.value[0] }
        return groups.compactMap { unread, names in
            guard let unread else { return nil }
            let more = names.count - Self.shown
            let list = names.prefix(Self.shown).map(\.rawValue).joined(separator: ", ")
            let who = list + (more > 0 ? " and \(more) more are" : names.count == 1 ? " is" : " are")
            let message = "\(who) not planned: \(unread.reason)"
            return Diagnostic("not-planned", message, severity: .warning, range: unread.range)
        }
    }
}
