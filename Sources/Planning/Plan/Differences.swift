//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import JSON
internal import Resources

/// Why a fine-tune is not what was trained last, field by field.
enum Differences {
    /// What a request asks for otherwise than a version, or all that it asks for where there is none.
    static func reasons(_ request: TrainingRequest, since version: VersionRecord?) -> [Reason] {
        guard let version else { return first(request.inputs) }
        let (old, new) = (version.inputs, request.inputs)
        return destination(request, version) + base(old, new) + data(old, new) + template(old, new)
            + parameters(old.parameters, new.parameters) + trainer(version)
    }

    private static func destination(_ request: TrainingRequest, _ version: VersionRecord) -> [Reason] {
        guard request.destination != version.model else { return [] }
        return [
            Reason(field: "destination", old: version.model.description, new: request.destination.description)
        ]
    }

    /// What is asked of a version otherwise than it was judged by.
    static func evaluation(_ request: TrainingRequest, since version: VersionRecord) -> Reason {
        let count = request.evaluation?.prompts.count ?? 0
        let asked = count == 1 ? "1 prompt" : "\(count) prompts"
        return Reason(field: "evaluation", old: nil, new: version.evaluation == nil ? asked : asked + " (changed)")
    }

    /// Where answers of a version are to end otherwise than its record says.
    static func stop(_ request: TrainingRequest, since version: VersionRecord) -> Reason {
        Reason(field: "stop", old: texts(version.inputs.stop), new: texts(request.inputs.stop))
    }

    private static func texts(_ stop: [String]) -> String {
        stop.isEmpty ? "none" : JSONText.compact(.array(stop.map { .string($0) }))
    }

    private static func first(_ inputs: VersionRecord.Inputs) -> [Reason] {
        var reasons = [
            Reason(field: "base", new: base(inputs)),
            Reason(field: "dataset", new: inputs.dataset.rawValue),
            Reason(field: "rows", new: rows(inputs)),
        ]
        if let template = inputs.template { reasons.append(Reason(field: "template", new: template.rawValue)) }
        return reasons
            + parameters(HyperparameterTable.resolved([:]), inputs.parameters).map { reason in
                Reason(field: reason.field, new: reason.new)
            }
    }

    private static func base(_ old: VersionRecord.Inputs, _ new: VersionRecord.Inputs) -> [Reason] {
        guard identity(old) != identity(new) else { return [] }
        if base(old) != base(new) { return [Reason(field: "base", old: base(old), new: base(new))] }
        if new.parent != nil { return [Reason(field: "base", new: "\(base(new)) (changed)")] }
        return [Reason(field: "base", old: old.baseIdentity, new: new.baseIdentity)]
    }

    private static func identity(_ inputs: VersionRecord.Inputs) -> String {
        inputs.parent?.fingerprint.rawValue ?? inputs.baseIdentity
    }

    /// What a training starts from, by its name.
    private static func base(_ inputs: VersionRecord.Inputs) -> String {
        inputs.parent?.fineTune.rawValue ?? inputs.base.rawValue
    }

    private static func data(_ old: VersionRecord.Inputs, _ new: VersionRecord.Inputs) -> [Reason] {
        guard old.train != new.train || old.validation != new.validation else { return [] }
        var reasons: [Reason] = []
        if old.dataset != new.dataset {
            reasons.append(Reason(field: "dataset", old: old.dataset.rawValue, new: new.dataset.rawValue))
        }
        let (before, after) = (rows(old), rows(new))
        let isSame = before == after
        reasons.append(Reason(field: "rows", old: isSame ? nil : before, new: isSame ? after + " (changed)" : after))
        return reasons
    }

    private static func rows(_ inputs: VersionRecord.Inputs) -> String {
        inputs.validationRows == 0 ? "\(inputs.trainRows)" : "\(inputs.trainRows) + \(inputs.validationRows) validation"
    }

    private static func template(_ old: VersionRecord.Inputs, _ new: VersionRecord.Inputs) -> [Reason] {
        guard old.form != new.form, old.train != new.train, (old.template ?? new.template) != nil else { return [] }
        if old.template != new.template {
            return [Reason(field: "template", old: old.template?.rawValue, new: new.template?.rawValue)]
        }
        return [Reason(field: "template", new: (new.template?.rawValue ?? "none") + " (changed)")]
    }

    private static func parameters(
        _ old: ParameterValues,
        _ new: ParameterValues
    ) -> [Reason] {
        HyperparameterTable.fields.compactMap { field in
            // A version of an older release does not name the parameters that came later: it had their defaults.
            let (before, after) = (old[field.name] ?? field.standard, new[field.name] ?? field.standard)
            let enters = [old, new].contains { FingerprintInputs.enters(field, beside: $0) }
            guard enters, meaning(before, field) != meaning(after, field) else { return nil }
            return Reason(field: field.name, old: before?.text ?? "none", new: after?.text ?? "none")
        }
    }

    private static func meaning(_ value: HyperparameterValue?, _ field: HyperparameterField) -> JSONValue? {
        value.map { FingerprintInputs.json($0, kind: field.kind) }
    }

    private static func trainer(_ version: VersionRecord) -> [Reason] {
        guard version.trainer != TrainerNumber.current else { return [] }
        return [Reason(field: "trainer", old: "\(version.trainer)", new: "\(TrainerNumber.current)")]
    }
}
