//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

extension VersionRecord.Inputs {
    /// What trains, as `peft_method` has it; records of a time that knew adapters alone do not say it.
    package var method: HyperparameterValue { parameters["peft_method"] ?? .text("lora") }

    /// Whether all weights of the base trained, so that the version is a model of its own.
    package var trainsAllWeights: Bool { HyperparameterTable.trainsAllWeights { parameters[$0] } }

    /// The hyperparameters that mean something in this training, with their values, in the order of the reference.
    package var meaningfulParameters: [(name: String, value: HyperparameterValue)] {
        let idle = (trainsAllWeights ? HyperparameterTable.ofAdapters : []) + (form.isPreference ? [] : ["dpo_beta"])
        return HyperparameterTable.fields.compactMap { field in
            guard !idle.contains(field.name), let value = parameters[field.name] else { return nil }
            return (field.name, value)
        }
    }
}
