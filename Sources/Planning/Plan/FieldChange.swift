//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import JSON
package import Resources

/// One field of a fingerprint, as a version has it and as it is asked for.
package struct FieldChange: Hashable, Sendable {
    /// The field's name, such as `learning_rate`.
    package var field: String
    /// What the older one has; nothing where there is none.
    package var old: String?
    /// What the newer one has.
    package var new: String
    /// Whether they differ, so that the fingerprint does.
    package var isChanged: Bool

    /// Makes a field.
    package init(field: String, old: String?, new: String, isChanged: Bool) {
        self.field = field
        self.old = old
        self.new = new
        self.isChanged = isChanged
    }

    /// Inputs under a trainer's number, which together make a fingerprint.
    package struct Side {
        let inputs: VersionRecord.Inputs
        let trainer: Int

        var base: String { FingerprintInputs(inputs, trainer: trainer).base }

        /// Makes a side from what was trained on what.
        package init(_ inputs: VersionRecord.Inputs, trainer: Int = TrainerNumber.current) {
            self.inputs = inputs
            self.trainer = trainer
        }

        /// The side of a version.
        package init(_ version: VersionRecord) { self.init(version.inputs, trainer: version.trainer) }
    }

    /// Every field that enters the fingerprint; parameters that are at their default on both sides are left out.
    package static func all(from old: Side?, to new: Side) -> [FieldChange] {
        var fields = [
            field("base", old?.base, new.base),
            FieldChange(
                field: "train",
                old: old.map { rows($0.inputs.trainRows, $0.inputs.train) },
                new: rows(new.inputs.trainRows, new.inputs.train),
                isChanged: old.map { $0.inputs.train != new.inputs.train } ?? true
            ),
            FieldChange(
                field: "validation",
                old: old.map { rows($0.inputs.validationRows, $0.inputs.validation) },
                new: rows(new.inputs.validationRows, new.inputs.validation),
                isChanged: old.map { $0.inputs.validation != new.inputs.validation } ?? true
            ),
        ]
        fields += parameters(old?.inputs.parameters, new.inputs.parameters)
        fields.append(field("trainer", old.map { String($0.trainer) }, String(new.trainer)))
        return fields
    }

    private static func field(_ name: String, _ old: String?, _ new: String) -> FieldChange {
        FieldChange(field: name, old: old, new: new, isChanged: old != new)
    }

    private static func rows(_ count: Int, _ digest: ContentDigest?) -> String {
        digest.map { "\(count) \(count == 1 ? "row" : "rows"), sha256 \($0.short)" } ?? "none"
    }

    private static func parameters(
        _ old: ParameterValues?,
        _ new: ParameterValues
    ) -> [FieldChange] {
        HyperparameterTable.fields.compactMap { field in
            let sides = [old, new].compactMap { $0 }
            guard sides.contains(where: { FingerprintInputs.enters(field, beside: $0) }) else { return nil }
            // A version of an older release does not name the parameters that came later: it had their defaults.
            let before = old.map { $0[field.name] ?? field.standard }
            let after = new[field.name] ?? field.standard
            func meaning(_ value: HyperparameterValue?) -> JSONValue? {
                value.map { FingerprintInputs.json($0, kind: field.kind) }
            }
            let isChanged = before.map { meaning($0) != meaning(after) } ?? true
            let isDefault = meaning(after) == meaning(field.standard)
            guard before == nil ? !isDefault : isChanged || !isDefault else { return nil }
            return FieldChange(
                field: field.name,
                old: before.map { $0?.text ?? "none" },
                new: after?.text ?? "none",
                isChanged: isChanged
            )
        }
    }
}
