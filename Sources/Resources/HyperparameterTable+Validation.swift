//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

extension HyperparameterTable {
    /// The hyperparameter by which validation losses decide what comes of a training, as a manifest would write it;
    /// nothing where they are only told.
    package static func decidedByValidation(
        _ value: (String) -> HyperparameterValue?
    ) -> (name: String, text: String)? {
        if value("keep") == .text("best") { return ("keep", "keep: best") }
        return value("early_stopping_patience").map { _ in ("early_stopping_patience", "early_stopping_patience") }
    }

    /// Whether all weights of the base train, and not an adapter beside them.
    package static func trainsAllWeights(_ value: (String) -> HyperparameterValue?) -> Bool {
        value("peft_method") == .text("none")
    }

    /// The hyperparameters that an adapter has.
    package static let ofAdapters = ["lora_rank", "lora_alpha", "use_rslora", "lora_dropout", "target_modules"]
}
