//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Resources

/// Why a fine-tune's action is what it is: the fingerprint field by field, and what it was compared with.
package struct Explanation: Hashable, Sendable {
    /// What is planned.
    package let item: PlanItem
    /// The version that it was compared with; nothing where there is none.
    package let version: VersionRecord?
    /// The fields of the fingerprint.
    package let fields: [FieldChange]
    /// Where the action comes from, in a sentence; lower case, no full stop.
    package let source: String

    /// Explains an item by the versions that were known.
    package init(_ item: PlanItem, versions: [VersionRecord]) {
        self.item = item
        let index = VersionIndex(versions)
        version = Self.version(item.action) ?? index.newest(of: item.fineTunes, in: item.destination)
        // A version that stays current keeps the number of the trainer that it was made by.
        let trainer = version.flatMap { $0.fingerprint == item.fingerprint ? $0.trainer : nil }
        let new = FieldChange.Side(item.request.inputs, trainer: trainer ?? TrainerNumber.current)
        fields = FieldChange.all(from: version.map(FieldChange.Side.init), to: new)
        source = Self.source(item)
    }

    private static func version(_ action: Action) -> VersionRecord? {
        switch action {
        case .evaluate(let version), .configure(let version), .upToDate(let version): version
        case .reuse(.published(let version)), .reuse(.trained(let version)), .reuse(.stored(let version)): version
        case .drifted(let drift): drift.version
        case .create, .update, .reuse(.plan), .inProgress, .unknown, .failed, .orphaned, .blocked: nil
        }
    }

    private static func source(_ item: PlanItem) -> String {
        switch item.action {
        case .create: "nobody has trained this fingerprint, and the fine-tune has no version yet"
        case .update: "nobody has trained this fingerprint, and the fine-tune's newest version has another"
        case .reuse(.published(let version)): "\(version.label) was trained with the same fingerprint"
        case .reuse(.trained): "the ledger has its training as trained, and no commit has it yet"
        case .reuse(.stored): "another repository of this machine left the same training in the store"
        case .reuse(.plan(let model)): "this plan trains the same fingerprint for \(model)"
        case .evaluate: "the fingerprint is that of the version, and its evaluation is another"
        case .configure: "the fingerprint is that of the version, and what goes with it is set otherwise"
        case .upToDate: "the fingerprint is that of the version"
        case .inProgress(let progress): "the ledger has its run as \(progress.state.rawValue) on \(progress.host)"
        case .unknown(let unknown):
            "the ledger has its run as asked for, and \(unknown.backend.rawValue) has not answered"
        case .failed(let failed): "the ledger has its run as failed (\(failed.failure.kind))"
        case .drifted(let drift): "the version is there, and \(drift.reason)"
        case .orphaned: "there are versions, and no fine-tune asks for them"
        case .blocked(let block): "\(block.kind.rawValue): \(block.reason)"
        }
    }
}
