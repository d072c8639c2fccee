//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Resources

/// What `apply` would do about a fine-tune, or why it would do nothing.
package indirect enum Action: Hashable, Sendable {
    /// Where a version comes from that need not be trained again.
    package enum ReuseSource: Hashable, Sendable {
        /// A version of another model, or one that another branch has.
        case published(VersionRecord)
        /// A training that ended and has not been published yet.
        case trained(VersionRecord)
        /// The result of a training for another repository of this machine, which the store has.
        case stored(VersionRecord)
        /// Another item of the same plan, which trains for this model.
        case plan(ModelName)
    }

    /// A run that somebody is at.
    package struct Progress: Hashable, Sendable {
        /// How far it has come.
        package var state: RunEntry.State
        /// The machine's name.
        package var host: String
        /// Whether this machine holds it, and so goes on with it at once.
        package var isOwn: Bool
        /// When the attempt under way was started, or the run was paused; nothing before the first.
        package var since: Timestamp?
        /// When its lease ends.
        package var until: Timestamp?
        /// What somebody asked its holder to do.
        package var request: RunEntry.Request?

        /// Makes a description of a run under way.
        package init(
            state: RunEntry.State,
            host: String,
            isOwn: Bool,
            since: Timestamp?,
            until: Timestamp?,
            request: RunEntry.Request? = nil
        ) {
            self.state = state
            self.host = host
            self.isOwn = isOwn
            self.since = since
            self.until = until
            self.request = request
        }
    }

    /// A run that ended without a version.
    package struct Failed: Hashable, Sendable {
        /// Why.
        package var failure: RunEntry.Failure
        /// How many attempts it took.
        package var attempts: Int
        /// What all of them cost; nothing where no price is known.
        package var cost: Money?
        /// What keeps it from being tried again now.
        package var block: Block?

        /// Makes a description of a failed run.
        package init(failure: RunEntry.Failure, attempts: Int, cost: Money?, block: Block? = nil) {
            self.failure = failure
            self.attempts = attempts
            self.cost = cost
            self.block = block
        }
    }

    /// A run of which nobody can say whether its backend took it.
    package struct Unknown: Hashable, Sendable {
        /// The backend that may have taken it.
        package var backend: FineTune.Backend
        /// When it was asked.
        package var since: Timestamp

        /// Makes a description of a run that may be under way.
        package init(backend: FineTune.Backend, since: Timestamp) {
            self.backend = backend
            self.since = since
        }
    }

    /// A version that was published and is not what it was.
    package struct Drift: Hashable, Sendable {
        /// The version.
        package var version: VersionRecord
        /// What is missing, and where; lower case, no full stop.
        package var reason: String

        /// Makes a description of what was lost.
        package init(version: VersionRecord, reason: String) {
            self.version = version
            self.reason = reason
        }
    }

    /// Why a fine-tune cannot be trained now.
    package struct Block: Hashable, Sendable {
        /// What blocks.
        package enum Kind: String, Hashable, Sendable, CaseIterable {
            case policy
            case budget
            case window
            case suspended
            case dependency
            case backend

            /// Whether `apply` exits with 10 for it: somebody has to change something. The others end by themselves.
            package var failsApply: Bool {
                switch self {
                case .policy, .budget, .backend: true
                case .window, .suspended, .dependency: false
                }
            }
        }

        /// What blocks.
        package var kind: Kind
        /// Why, and what to do about it.
        package var reason: String
        /// Where the manifest says what is blocked.
        package var range: SourceRange?

        /// Makes a block.
        package init(kind: Kind, reason: String, range: SourceRange?) {
            self.kind = kind
            self.reason = reason.bounded
            self.range = range
        }
    }

    case create
    case update
    case reuse(ReuseSource)
    case evaluate(VersionRecord)
    case configure(VersionRecord)
    case upToDate(VersionRecord)
    case inProgress(Progress)
    case unknown(Unknown)
    case failed(Failed)
    case drifted(Drift)
    /// Versions of one model that nothing asks for, the newest first.
    case orphaned([VersionRecord])
    case blocked(Block)

    /// Every action's word, in the order in which summaries count them.
    package static let words = [
        "create", "update", "reuse", "evaluate", "configure", "up-to-date", "in-progress", "unknown", "failed",
        "drifted", "orphaned", "blocked",
    ]

    /// The action's word, stable between releases.
    package var word: String {
        switch self {
        case .create: "create"
        case .update: "update"
        case .reuse: "reuse"
        case .evaluate: "evaluate"
        case .configure: "configure"
        case .upToDate: "up-to-date"
        case .inProgress: "in-progress"
        case .unknown: "unknown"
        case .failed: "failed"
        case .drifted: "drifted"
        case .orphaned: "orphaned"
        case .blocked: "blocked"
        }
    }

    /// The action where something stands in its way: one that failed stays failed, whatever keeps it from a retry.
    func blocked(by block: Block) -> Action {
        guard case .failed(var failed) = self else { return .blocked(block) }
        failed.block = block
        return .failed(failed)
    }

    /// The version that is there already; nothing where one has to be trained.
    package var version: VersionRecord? {
        switch self {
        case .evaluate(let version), .configure(let version), .upToDate(let version): version
        case .reuse(.published(let version)), .reuse(.trained(let version)): version
        case .drifted(let drift): drift.version
        case .create, .update, .reuse, .inProgress, .unknown, .failed, .orphaned, .blocked: nil
        }
    }

    /// Whether a training has failed.
    package var isFailed: Bool { if case .failed = self { true } else { false } }

    /// Whether what was trained already is used again.
    package var isReuse: Bool { if case .reuse = self { true } else { false } }

    /// Whether `apply` trains.
    package var isTraining: Bool {
        switch self {
        case .create, .update: true
        case .reuse, .evaluate, .configure, .upToDate, .inProgress, .unknown, .failed, .drifted, .orphaned, .blocked:
            false
        }
    }

    /// Whether `plan --detailed-exitcode` counts it as a change.
    package var isChange: Bool {
        switch self {
        case .create, .update, .reuse, .evaluate, .configure, .drifted: true
        case .upToDate, .inProgress, .unknown, .failed, .orphaned, .blocked: false
        }
    }
}
