//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Resources
import YAML

extension NodeDecoder {
    /// The fine-tune, and what it sweeps over.
    mutating func fineTune(_ spec: Field, owner: String) -> (fineTune: FineTune, sweep: SweepFields?)? {
        guard let fields = fields(spec) else { return nil }
        _ = choice(in: fields)
        let sweep = sweep(fields["sweep"], maximum: fields["max_points"])
        let base = base(in: fields, sweep)
        let (dataset, limit) = dataset(fields["dataset"])
        let template = reference(fields["template"])
        let (profile, hyperparameters) = overrides(fields["hyperparameters"])
        let destination = destination(fields["destination"], owner: owner)
        let backend = choice(fields["backend"], FineTune.Backend.self)
        let gpus = gpus(fields["resources"])
        let evaluation = evaluation(fields["evaluation"])
        let budget = budget(fields["budget"])
        let suspension = suspension(fields["suspend"])
        guard let base, let dataset, let destination else { return nil }
        let fineTune = FineTune(
            base: base,
            dataset: dataset,
            limit: limit,
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
        return (fineTune, sweep)
    }

    /// The base; of a sweep over bases the first of them, in place of which each point has its own.
    private mutating func base(in fields: Fields, _ sweep: SweepFields?) -> ResourceName? {
        let written = reference(fields["base"])
        if case .base(let first)? = sweep?.values(of: "base").first?.change { return first }
        // What a faulty sweep goes over, nobody knows.
        if fields["base"] == nil, sweep != nil { _ = required("base", in: fields) }
        return written
    }

    private mutating func dataset(_ field: Field?) -> (ResourceName?, limit: Int?) {
        guard let field, field.node.mapping != nil else { return (reference(field), nil) }
        guard let fields = fields(field) else { return (nil, nil) }
        return (reference(fields["use"]), integer(fields["limit"]))
    }

    private mutating func overrides(_ field: Field?) -> (ResourceName?, [String: HyperparameterValue]) {
        if let field, let name = field.node.scalar?.text, ResourceName.isValid(name) {
            wrongType(field, "a mapping", notes: ["to use a profile as it is, write {use: \(excerpt(name))}"])
            return (nil, [:])
        }
        guard let fields = fields(field) else { return (nil, [:]) }
        return (reference(fields["use"]), hyperparameters(fields))
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

    private mutating func gpus(_ field: Field?) -> Int? {
        guard let fields = fields(field), let field = fields["gpus"], let gpus = integer(field) else { return nil }
        if gpus > 1 { notSupported(field, "\(field.name): \(gpus)") }
        return gpus
    }
}
