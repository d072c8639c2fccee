//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Resources

/// What is to be said of a training that learned nothing.
package enum LearningNote {
    /// A sentence without a full stop; nothing where the validation loss fell, or was not measured.
    package static func text(_ training: VersionRecord.Training) -> String? {
        guard let loss = training.validationLoss, let base = training.baseValidationLoss, !(loss < base) else {
            return nil
        }
        return "it learned nothing that helps with the validation rows: their loss is \(Figures.loss(loss)), and was "
            + "\(Figures.loss(base)) before"
    }
}
