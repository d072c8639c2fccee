//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Resources

/// What one fine-tune asks for, with all names resolved and its data rendered.
package struct TrainingRequest: Hashable, Sendable {
    /// The fine-tune that asks.
    package var fineTune: ResourceName
    /// The model that the version goes to.
    package var destination: ModelName
    /// Where to train.
    package var backend: FineTune.Backend
    /// GPUs asked for.
    package var gpus: Int
    /// What is trained on what, as the version's record will say it.
    @Boxed package var inputs: VersionRecord.Inputs
    /// Data tokens of one epoch, as they are estimated.
    package var tokensPerEpoch: Int
    /// What the base's own tokenizer counted, in place of estimates; nothing where it was not asked.
    package var counted: TokenCount?
    /// What some steps of it took on this machine; nothing where it was not tried.
    package var trial: Trial?
    /// How long the rows are; nothing where they were not looked at one by one.
    package var lengths: RowLengths?
    /// How many rows each step of the dataset took; nothing where it has none.
    package var steps: RowStepCounts?
    /// How a version is judged; not at all where absent.
    package var evaluation: Evaluation?
    /// What the base is trained on there, as its manifest says.
    package var hardware: BaseModel.Hardware?
    /// The price of a GPU an hour, as Project says.
    package var pricePerGPUHour: Money?
    /// Whether and when it may train.
    @Boxed package var terms: TrainingTerms
    /// Where the fine-tune stands in its manifest.
    package var range: SourceRange?

    /// Makes a request.
    package init(
        fineTune: ResourceName,
        destination: ModelName,
        backend: FineTune.Backend,
        gpus: Int = 1,
        inputs: VersionRecord.Inputs,
        tokensPerEpoch: Int,
        evaluation: Evaluation? = nil,
        hardware: BaseModel.Hardware? = nil,
        pricePerGPUHour: Money? = nil,
        terms: TrainingTerms = TrainingTerms(),
        range: SourceRange? = nil
    ) {
        self.fineTune = fineTune
        self.destination = destination
        self.backend = backend
        self.gpus = gpus
        self.inputs = inputs
        self.tokensPerEpoch = tokensPerEpoch
        self.evaluation = evaluation
        self.hardware = hardware
        self.pricePerGPUHour = pricePerGPUHour
        self.terms = terms
        self.range = range
    }

    /// The fingerprint of what is asked for, under the present trainer's number or another one.
    package func fingerprint(trainer: Int = TrainerNumber.current) -> Fingerprint {
        FingerprintInputs(inputs, trainer: trainer).fingerprint
    }
}
