//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// A version's id: the SHA-256 of its fingerprint and its weights' digest.
package typealias VersionID = ContentDigest

/// The published result of a run: the file `versions/<owner>/<model>/<n>-<id>.yaml`, and part of the ledger's entry.
package struct VersionRecord: Hashable, Sendable {
    /// A file in the artifact store.
    package struct File: Hashable, Sendable {
        /// Its path in the version's folder.
        package var name: String
        /// Its size in bytes.
        package var size: Int
        /// Its SHA-256, by which the store knows it.
        package var sha256: ContentDigest

        /// Makes a file's entry.
        package init(name: String, size: Int, sha256: ContentDigest) {
            self.name = name
            self.size = size
            self.sha256 = sha256
        }
    }

    /// What was trained on what, resolved.
    package struct Inputs: Hashable, Sendable {
        /// The BaseModel's name; of a fine-tune that goes on from another, the one that they all come down to.
        package var base: ResourceName
        /// The base's identity as it entered the fingerprint, of this training or of the first that it goes on from.
        package var baseIdentity: String
        /// Where the node took the base from.
        package var baseSource: BaseModel.NodeSource?
        /// The fine-tune that was gone on from; nothing where the training started from the base itself.
        package var parent: Parent?
        /// The dataset's name.
        package var dataset: ResourceName
        /// The dataset's source as the manifest wrote it.
        package var source: String
        /// The SHA-256 of the source's bytes.
        package var sourceDigest: ContentDigest
        /// The digest of the rendered training rows.
        package var train: ContentDigest
        /// Their number.
        package var trainRows: Int
        /// The digest of the rendered validation rows; absent without any.
        package var validation: ContentDigest?
        /// Their number.
        package var validationRows: Int
        /// The artifact that has the sorted row digests, for row differences.
        package var rowDigests: ContentDigest?
        /// The template's name; none for rows that were rendered already.
        package var template: ResourceName?
        /// What the rows were rendered by, and the version is asked by: the template's form, or the rows' own.
        package var form: Template.Form
        /// Texts at which an answer ends.
        package var stop: [String]
        /// All hyperparameters, resolved.
        package var parameters: ParameterValues

        /// Makes the inputs of a version.
        package init(
            base: ResourceName,
            baseIdentity: String,
            baseSource: BaseModel.NodeSource?,
            parent: Parent? = nil,
            dataset: ResourceName,
            source: String,
            sourceDigest: ContentDigest,
            train: ContentDigest,
            trainRows: Int,
            validation: ContentDigest?,
            validationRows: Int,
            rowDigests: ContentDigest? = nil,
            template: ResourceName?,
            form: Template.Form,
            stop: [String],
            parameters: ParameterValues
        ) {
            self.base = base
            self.baseIdentity = baseIdentity
            self.baseSource = baseSource
            self.parent = parent
            self.dataset = dataset
            self.source = source
            self.sourceDigest = sourceDigest
            self.train = train
            self.trainRows = trainRows
            self.validation = validation
            self.validationRows = validationRows
            self.rowDigests = rowDigests
            self.template = template
            self.form = form
            self.stop = stop
            self.parameters = parameters
        }
    }

    /// What came out of the training.
    package struct Training: Hashable, Sendable {
        /// Optimizer steps.
        package var steps: Int
        /// Tokens trained on, padding not counted, over all epochs.
        package var tokens: Int
        /// Seconds of training, without start and evaluation.
        package var seconds: Double
        /// The last training loss.
        package var trainLoss: Double?
        /// The validation loss, a mean over label tokens.
        package var validationLoss: Double?
        /// The base's validation loss.
        package var baseValidationLoss: Double?
        /// The step whose weights were kept, where it is not the last.
        package var keptStep: Int?
        /// The step at which early stopping ended the training; nothing where it did not.
        package var earlyStoppingStep: Int?
        /// The trainer's peak memory in bytes.
        package var peakMemory: Int?
        /// The device's kind, such as `cpu`.
        package var device: String
        /// The dtype that the base computed in.
        package var dtype: String
        /// Threads that computed.
        package var threads: Int

        /// Makes the outcome of a training.
        package init(
            steps: Int,
            tokens: Int,
            seconds: Double,
            trainLoss: Double? = nil,
            validationLoss: Double? = nil,
            baseValidationLoss: Double? = nil,
            keptStep: Int? = nil,
            earlyStoppingStep: Int? = nil,
            peakMemory: Int? = nil,
            device: String,
            dtype: String,
            threads: Int
        ) {
            self.steps = steps
            self.tokens = tokens
            self.seconds = seconds
            self.trainLoss = trainLoss
            self.validationLoss = validationLoss
            self.baseValidationLoss = baseValidationLoss
            self.keptStep = keptStep
            self.earlyStoppingStep = earlyStoppingStep
            self.peakMemory = peakMemory
            self.device = device
            self.dtype = dtype
            self.threads = threads
        }
    }

    /// Right answers among all.
    package struct Share: Hashable, Sendable {
        /// How many were right.
        package var correct: Int
        /// Of how many.
        package var total: Int

        /// Makes a share.
        package init(correct: Int, total: Int) {
            self.correct = correct
            self.total = total
        }
    }

    /// How one model did in an evaluation.
    package struct Score: Hashable, Sendable {
        /// Mean loss over the validation rows' label tokens.
        package var loss: Double?
        /// Exactly matching answers on validation rows.
        package var validationExactMatch: Share?
        /// Exactly matching answers on the evaluation prompts.
        package var promptsExactMatch: Share?

        /// Makes a score.
        package init(loss: Double? = nil, validationExactMatch: Share? = nil, promptsExactMatch: Share? = nil) {
            self.loss = loss
            self.validationExactMatch = validationExactMatch
            self.promptsExactMatch = promptsExactMatch
        }
    }

    /// One evaluation prompt with the answers to it.
    package struct Answer: Hashable, Sendable {
        /// The rendered prompt.
        package var prompt: String
        /// The expected answer, where there is one.
        package var reference: String?
        /// The base's answer.
        package var base: String
        /// The version's answer.
        package var version: String

        /// Makes an answer.
        package init(prompt: String, reference: String?, base: String, version: String) {
            self.prompt = prompt
            self.reference = reference
            self.base = base
            self.version = version
        }
    }

    /// An evaluation of base and version.
    package struct EvaluationResult: Hashable, Sendable {
        /// The digest of the evaluation that was asked for; another one plans `? evaluate`.
        package var digest: ContentDigest
        /// The base's score.
        package var base: Score
        /// The version's score.
        package var version: Score
        /// Answers to the evaluation prompts.
        package var answers: [Answer]
        /// Answers to the first rows that validate, shortened; none in records of earlier releases.
        package var validationAnswers: [Answer]
        /// The metrics that were asked for, of both; none in records of earlier releases.
        package var comparisons: [Comparison]
        /// What it had to reach, and whether it did; nothing where nobody asked.
        package var gate: [Verdict]
        /// How many resamples their intervals were made of.
        package var resamples: Int?

        /// Makes the result of an evaluation.
        package init(
            digest: ContentDigest,
            base: Score,
            version: Score,
            answers: [Answer],
            validationAnswers: [Answer] = [],
            comparisons: [Comparison] = [],
            gate: [Verdict] = [],
            resamples: Int? = nil
        ) {
            self.digest = digest
            self.base = base
            self.version = version
            self.answers = answers
            self.validationAnswers = validationAnswers
            self.comparisons = comparisons
            self.gate = gate
            self.resamples = resamples
        }
    }

    /// A point of the loss curve.
    package struct LossPoint: Hashable, Sendable {
        /// The optimizer step.
        package var step: Int
        /// The loss at it.
        package var loss: Double

        /// Makes a point.
        package init(step: Int, loss: Double) {
            self.step = step
            self.loss = loss
        }
    }

    /// The version's id.
    package var id: VersionID
    /// Its number among the model's versions, given when the commit is made.
    package var number: Int?
    /// The model that it is published to.
    package var model: ModelName
    /// The fine-tunes that it is the result of.
    package var fineTunes: [ResourceName]
    /// The fingerprint that was trained.
    package var fingerprint: Fingerprint
    /// The trainer's number that entered the fingerprint.
    package var trainer: Int
    /// All else, of which a copy costs as much as of one thing.
    @Boxed var details: Details

    /// Makes a version's record.
    package init(
        id: VersionID,
        number: Int? = nil,
        model: ModelName,
        fineTunes: [ResourceName],
        fingerprint: Fingerprint,
        trainer: Int,
        commit: String,
        run: String,
        backend: FineTune.Backend,
        started: Timestamp,
        ended: Timestamp,
        cost: Money?,
        attempts: Int,
        inputs: Inputs,
        training: Training,
        evaluation: EvaluationResult? = nil,
        losses: [LossPoint],
        weights: [File],
        software: [String: String]
    ) {
        self.id = id
        self.number = number
        self.model = model
        self.fineTunes = fineTunes
        self.fingerprint = fingerprint
        self.trainer = trainer
        details = Details(
            commit: commit,
            run: run,
            backend: backend,
            started: started,
            ended: ended,
            cost: cost,
            attempts: attempts,
            inputs: inputs,
            training: training,
            evaluation: evaluation,
            losses: losses,
            weights: weights,
            software: software
        )
    }

    /// The version as the command line names it, such as `acme/summarizer:3`; without a number while it has none.
    package var label: String { "\(model)\(number.map { ":\($0)" } ?? "")" }
}
