//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// What to train: a base on a dataset, published to a destination.
package struct FineTune: Hashable, Sendable {
    /// Where a run happens.
    package enum Backend: String, Hashable, Sendable, CaseIterable {
        case node
        case slurm
        case replicate
        case auto
    }

    /// What its training may take.
    package struct Budget: Hashable, Sendable {
        /// What it may cost, over all its attempts.
        package var maxCost: Money?
        /// How long one attempt may be expected to take.
        package var maxTime: Duration?

        /// Makes a budget.
        package init(maxCost: Money? = nil, maxTime: Duration? = nil) {
            self.maxCost = maxCost
            self.maxTime = maxTime
        }
    }

    /// The base model's, or another fine-tune's, name.
    package var base: ResourceName
    /// The dataset's name.
    package var dataset: ResourceName
    /// How many of the dataset's rows are taken at most, before they are split; fewer than the dataset's own limit.
    package var limit: Int?
    /// The template's name; none for rows that are rendered already.
    package var template: ResourceName?
    /// The profile that the hyperparameters start from.
    package var profile: ResourceName?
    /// Hyperparameters set here, by canonical name; they differ from the profile's or add to it.
    package var hyperparameters: [String: HyperparameterValue]
    /// The model that the version is published to.
    package var destination: ModelName
    /// Where to train; Project's default where absent.
    package var backend: Backend?
    /// GPUs asked for.
    package var gpus: Int
    /// How a version is judged; not at all where absent.
    package var evaluation: Evaluation?
    /// What its training may take.
    package var budget: Budget?
    /// Why nothing is done for it now.
    package var suspension: Suspension?
    /// The point of a sweep that it is; nothing where it was written as it is.
    package var point: SweepPoint?

    /// Makes a fine-tune.
    package init(
        base: ResourceName,
        dataset: ResourceName,
        limit: Int? = nil,
        template: ResourceName? = nil,
        profile: ResourceName? = nil,
        hyperparameters: [String: HyperparameterValue] = [:],
        destination: ModelName,
        backend: Backend? = nil,
        gpus: Int = 1,
        evaluation: Evaluation? = nil,
        budget: Budget? = nil,
        suspension: Suspension? = nil
    ) {
        self.base = base
        self.dataset = dataset
        self.limit = limit
        self.template = template
        self.profile = profile
        self.hyperparameters = hyperparameters
        self.destination = destination
        self.backend = backend
        self.gpus = gpus
        self.evaluation = evaluation
        self.budget = budget
        self.suspension = suspension
    }
}

/// How a version is judged, on its validation rows and on prompts of its own.
package struct Evaluation: Hashable, Sendable {
    /// What is measured.
    package enum Metric: String, Hashable, Sendable, CaseIterable {
        case loss
        case perplexity
        case exactMatch = "exact_match"
        case rouge1
        case rouge2
        case rougeL
        case f1
        case jsonValidity = "json_validity"
    }

    /// Rows for the template; one that also has the completion's fields is compared with it.
    package var prompts: [[String: String]]
    /// What is measured, in the manifest's order.
    package var metrics: [Metric]
    /// What a version has to reach, sorted by metric; each of those is measured.
    package var gate: [Gate]

    /// Makes an evaluation.
    package init(prompts: [[String: String]] = [], metrics: [Metric] = [], gate: [Gate] = []) {
        self.prompts = prompts
        self.metrics = metrics
        self.gate = gate
    }
}
