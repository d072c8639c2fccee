//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Resources

/// One field's part in why something is done.
package struct Reason: Hashable, Sendable {
    /// The field's name, such as `learning_rate`.
    package var field: String
    /// What the newest version has; nothing where there is none, or the value is too long to show.
    package var old: String?
    /// What is asked for; nothing where the field was taken away.
    package var new: String?

    /// Makes a reason.
    package init(field: String, old: String? = nil, new: String?) {
        self.field = field
        self.old = old?.bounded
        self.new = new?.bounded
    }
}

/// What is planned for one fingerprint and one destination.
package struct PlanItem: Hashable, Sendable {
    /// The fine-tunes that ask for it, nearly always one; sorted.
    package var fineTunes: [ResourceName]
    /// What they ask for; the first fine-tune's where there are several.
    package var request: TrainingRequest
    /// The fingerprint that is looked up, or trained.
    package var fingerprint: Fingerprint
    /// The run's id; nothing while there is no ledger.
    package var run: RunID?
    /// What is to be done.
    package var action: Action
    /// Why, field by field.
    package var reasons: [Reason]
    /// The rows that came and went since the newest version, where its row digests are at hand.
    package var rowDifference: RowDifference?
    /// What a training takes; nothing where none is needed.
    package var estimate: Estimate?
    /// How a training fits into the memory that it has; nothing where that is not known.
    package var memory: MemoryFit?
    /// What is worth knowing about it; the plan's warnings have it too, once for all items.
    package var findings: [Diagnostic] = []

    /// Makes an item.
    package init(
        fineTunes: [ResourceName],
        request: TrainingRequest,
        fingerprint: Fingerprint,
        run: RunID?,
        action: Action,
        reasons: [Reason] = [],
        rowDifference: RowDifference? = nil,
        estimate: Estimate? = nil
    ) {
        self.fineTunes = fineTunes
        self.request = request
        self.fingerprint = fingerprint
        self.run = run
        self.action = action
        self.reasons = reasons
        self.rowDifference = rowDifference
        self.estimate = estimate
    }

    /// The model that the version goes to.
    package var destination: ModelName { request.destination }
}

/// The difference of what a repository asks for and what has been trained.
package struct Plan: Hashable, Sendable {
    /// What was known of the ledger.
    package enum LedgerSight: Hashable, Sendable {
        /// It was read at this commit.
        case seen(tip: String)
        /// There is none yet.
        case none
        /// It could not be read, so that the plan may be too long.
        case notSeen(reason: String)
    }

    /// Where the desired state was read.
    package struct Origin: Hashable, Sendable {
        /// The commit; nothing in a repository without any.
        package var commit: String?
        /// The branch, where one is checked out or named.
        package var branch: String?
        /// Files of the work tree that differ from the commit and were read all the same.
        package var uncommitted: [String]
        /// What was known of the ledger.
        package var ledger: LedgerSight
        /// The commit, as it was named, that this is to be merged into; what it does anyway is left out.
        package var base: String?
        /// Whether nobody vouches for the commit, so that only it and the cache were read.
        package var isUntrusted = false

        /// Makes an origin.
        package init(commit: String?, branch: String?, uncommitted: [String] = [], ledger: LedgerSight = .none) {
            self.commit = commit
            self.branch = branch
            self.uncommitted = uncommitted
            self.ledger = ledger
        }
    }

    /// Where the desired state was read.
    package var origin: Origin
    /// What is planned, in the order in which it is done.
    package var items: [PlanItem]
    /// What is not wrong and worth knowing.
    package var warnings: [Diagnostic]
    /// Fine-tunes that nobody can plan, as something is not read for them; a warning says what.
    package var unplanned: [ResourceName] = []

    /// Makes a plan.
    package init(origin: Origin, items: [PlanItem], warnings: [Diagnostic] = []) {
        self.origin = origin
        self.items = items
        self.warnings = warnings
    }

    /// Whether there is anything that `apply` would do, or might.
    package var hasChanges: Bool { !unplanned.isEmpty || items.contains(where: \.action.isChange) }

    /// How many items have an action of this word.
    package func count(_ word: String) -> Int { items.count { $0.action.word == word } }
}
