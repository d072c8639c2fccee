//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Resources
import YAML

extension NodeDecoder {
    private static let unsupportedInFineTune: [String: Shape] = [
        "notify": .notifications,
        "sweep": .table(.list(.text)),
        "max_points": .integer,
    ]

    mutating func fineTune(_ spec: Field, owner: String) -> FineTune? {
        let known = [
            "base", "dataset", "template", "hyperparameters", "destination", "backend", "resources", "evaluation",
            "budget", "suspend",
        ]
        guard let fields = fields(spec, known: known + Self.unsupportedInFineTune.keys.sorted()) else { return nil }
        unsupported(Self.unsupportedInFineTune, in: fields)
        let base = reference(required("base", in: fields), to: .baseModel, .fineTune)
        let dataset = datasetReference(required("dataset", in: fields))
        let template = reference(fields["template"], to: .template)
        let (profile, hyperparameters) = overrides(fields["hyperparameters"])
        let destination = destination(required("destination", in: fields), owner: owner)
        let backend = backend(fields["backend"])
        let gpus = gpus(fields["resources"])
        let evaluation = evaluation(fields["evaluation"])
        let budget = budget(fields["budget"])
        let suspension = suspension(fields["suspend"])
        guard let base, let dataset, let destination else { return nil }
        return FineTune(
            base: base,
            dataset: dataset,
            template: template,
            profile: profile,
            hyperparameters: hyperparameters,
            destination: destination,
            backend: backend,
            gpus: gpus ?? 1,
            evaluation: evaluation,
            budget: budget,
            suspension: suspension
        )
    }

    private mutating func datasetReference(_ field: Field?) -> ResourceName? {
        guard let field, field.node.mapping != nil else { return reference(field, to: .dataset) }
        guard let fields = fields(field, known: ["use", "limit"]) else { return nil }
        unsupported(["limit": .integer], in: fields)
        return reference(required("use", in: fields), to: .dataset)
    }

    private mutating func overrides(_ field: Field?) -> (ResourceName?, [String: HyperparameterValue]) {
        if let field, let name = field.node.scalar?.text, ResourceName.isValid(name) {
            wrongType(field, "a mapping", notes: ["to use a profile as it is, write {use: \(excerpt(name))}"])
            return (nil, [:])
        }
        guard let fields = fields(field, known: ["use"] + Self.hyperparameterKeys) else { return (nil, [:]) }
        return (reference(fields["use"], to: .hyperparameters), hyperparameters(fields))
    }

    private mutating func destination(_ field: Field?, owner: String) -> ModelName? {
        guard let field, let text = text(field) else { return nil }
        if ResourceName.isValid(text) { return ModelName(owner: owner, name: text) }
        if let name = ModelName(text) { return name }
        let rule = "letters, digits, `-`, `_` and `.`, a letter or digit first"
        let message = "`\(field.name)` takes name or owner/name, found `\(excerpt(text))`"
        report(.badName, message, at: field.node, notes: ["a name has \(rule)"])
        return nil
    }

    /// Where to train; what is not built yet is reported.
    mutating func backend(_ field: Field?) -> FineTune.Backend? {
        guard let field, let backend = choice(field, FineTune.Backend.self) else { return nil }
        if backend != .node { notSupported(field, "\(field.name): \(backend.rawValue)") }
        return backend
    }

    private mutating func gpus(_ field: Field?) -> Int? {
        guard let fields = fields(field, known: ["gpus", "priority"]) else { return nil }
        unsupported(["priority": .choice(["low", "normal", "high"])], in: fields)
        guard let field = fields["gpus"], let gpus = integer(field, in: 1...1024) else { return nil }
        if gpus > 1 { notSupported(field, "\(field.name): \(gpus)") }
        return gpus
    }
}
