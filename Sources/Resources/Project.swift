//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// Settings of a whole repository.
package struct Project: Hashable, Sendable {
    /// Where versions and the ledger go in git.
    package struct Git: Hashable, Sendable {
        /// The remote's name; `none` keeps ledger and versions in this repository alone.
        package var remote: String?
        /// The branch that versions are committed to; the one that is checked out where absent.
        package var branch: String?
        /// Whether versions are pushed.
        package var push: Bool
        /// The ref of the ledger.
        package var ledger: String

        /// Makes git settings.
        package init(
            remote: String? = nil,
            branch: String? = nil,
            push: Bool = true,
            ledger: String = "refs/ftops/ledger"
        ) {
            self.remote = remote
            self.branch = branch
            self.push = push
            self.ledger = ledger
        }
    }

    /// What an update of the trainer's number does to versions of an older one.
    package enum TrainerChange: String, Hashable, Sendable, CaseIterable {
        case keep
        case retrain
    }

    /// What shows the curves of trainings beside ftops.
    package enum Tracker: String, Hashable, Sendable, CaseIterable {
        case tensorboard
        case wandb
        case mlflow
    }

    /// Codes of warnings that Project has a rule for.
    package struct Warnings: Hashable, Sendable {
        /// Those that are left out.
        package var silence: Set<String> = []
        /// Those that block a training as a policy does, in the manifest's order.
        package var deny: [String] = []

        /// Makes no rules.
        package init() {}
    }

    /// The owner of destinations that name none.
    package var owner: String?
    /// Where versions and the ledger go.
    package var git: Git
    /// Where the artifact store is, a folder or `s3://bucket/prefix`; the state folder's own where absent.
    package var artifactStore: String?
    /// Where fine-tunes train that do not say.
    package var defaultBackend: FineTune.Backend
    /// Price of a node's GPU in US dollars an hour; nothing where absent.
    package var pricePerGPUHour: Money?
    /// What happens to versions of an older trainer.
    package var onTrainerChange: TrainerChange
    /// Which warnings are left out, and which block.
    package var warnings = Warnings()
    /// Where the figures of a training go while it runs.
    package var tracking: [Tracker] = []
    /// What trainings may cost.
    package var spending: Spending
    /// What fine-tunes may be trained from, how and when.
    package var policies: Policies
    /// Why nothing is done now, for any fine-tune.
    package var suspension: Suspension?

    /// Makes a project.
    package init(
        owner: String? = nil,
        git: Git = Git(),
        artifactStore: String? = nil,
        defaultBackend: FineTune.Backend = .node,
        pricePerGPUHour: Money? = nil,
        onTrainerChange: TrainerChange = .keep,
        spending: Spending = Spending(),
        policies: Policies = Policies(),
        suspension: Suspension? = nil
    ) {
        self.owner = owner
        self.git = git
        self.artifactStore = artifactStore
        self.defaultBackend = defaultBackend
        self.pricePerGPUHour = pricePerGPUHour
        self.onTrainerChange = onTrainerChange
        self.spending = spending
        self.policies = policies
        self.suspension = suspension
    }
}
