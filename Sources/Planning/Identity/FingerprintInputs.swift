//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import JSON
package import Resources

/// The number of the trainer, raised only when equal inputs are meant to give other weights.
package enum TrainerNumber {
    /// The number of the trainer that this release brings.
    package static let current = 1
}

/// All that enters a fingerprint, and nothing else.
package struct FingerprintInputs: Hashable, Sendable {
    /// The base's identity; for one that is a fine-tune, its fingerprint, so that a whole graph plans at once.
    package var base: String
    /// The digest of the rendered training rows.
    package var train: ContentDigest
    /// The digest of the rendered validation rows; nothing without any.
    package var validation: ContentDigest?
    /// Hyperparameters by canonical name; those that cannot change weights and those at their default are left out.
    package var parameters: ParameterValues
    /// The trainer's number.
    package var trainer: Int

    /// Makes the inputs of a fingerprint.
    package init(
        base: String,
        train: ContentDigest,
        validation: ContentDigest?,
        parameters: ParameterValues,
        trainer: Int = TrainerNumber.current
    ) {
        self.base = base
        self.train = train
        self.validation = validation
        self.parameters = parameters
        self.trainer = trainer
    }

    /// What a version was trained on, or a request asks for, under a trainer's number.
    package init(_ inputs: VersionRecord.Inputs, trainer: Int = TrainerNumber.current) {
        self.init(
            base: inputs.parent?.fingerprint.rawValue ?? inputs.baseIdentity,
            train: inputs.train,
            validation: inputs.validation,
            parameters: inputs.parameters,
            trainer: trainer
        )
    }

    /// The canonical JSON that is hashed.
    package var canonicalText: String { CanonicalJSON.text(json) }

    /// The fingerprint: `v1-` and the SHA-256 of the canonical JSON.
    package var fingerprint: Fingerprint { Fingerprint(.ofText(canonicalText)) }

    private var json: JSONValue {
        [
            "base": .string(base),
            "train": .string(train.rawValue),
            "validation": validation.map { .string($0.rawValue) } ?? .null,
            "parameters": .object(JSONObject(Self.entering(parameters))),
            "trainer": .int(trainer),
        ]
    }

    /// Whether a hyperparameter can change weights beside the others, and so is a part of the fingerprint.
    static func enters(_ field: HyperparameterField, beside parameters: ParameterValues) -> Bool {
        switch field.entry {
        case .always: true
        case .never: false
        case .whereValidationDecides: HyperparameterTable.decidedByValidation { parameters[$0] } != nil
        }
    }

    private static func entering(_ parameters: ParameterValues) -> [JSONObject.Member] {
        parameters.settings.compactMap { setting in
            guard let field = HyperparameterTable.field(setting.name), field.name == setting.name,
                enters(field, beside: parameters)
            else { return nil }
            let entered = json(setting.value, kind: field.kind)
            if let standard = field.standard, json(standard, kind: field.kind) == entered { return nil }
            return JSONObject.Member(key: field.name, value: entered)
        }
    }

    /// The value by its meaning: `1` and `1.0` are one number, and modules are a set whatever their spelling.
    static func json(_ value: HyperparameterValue, kind: HyperparameterField.Kind) -> JSONValue {
        switch value {
        case .bool(let value): .bool(value)
        case .integer(let value): .double(Double(value))
        case .number(let value): .double(value)
        case .text(let text): kind == .modules ? modules(text.split(separator: ",").map(String.init)) : .string(text)
        case .list(let names): modules(names)
        }
    }

    private static func modules(_ names: [String]) -> JSONValue {
        let trimmed = names.map { String($0.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()) }
        return .array(Set(trimmed).sorted().map { .string($0) })
    }
}
