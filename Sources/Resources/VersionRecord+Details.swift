//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

extension VersionRecord {
    /// Where a version comes from, and what it is.
    struct Details: Hashable, Sendable {
        var commit: String
        var run: String
        var backend: FineTune.Backend
        var started: Timestamp
        var ended: Timestamp
        var cost: Money?
        var attempts: Int
        @Boxed var inputs: Inputs
        @Boxed var training: Training
        @Boxed var evaluation: EvaluationResult?
        var losses: [LossPoint]
        var weights: [File]
        var software: [String: String]
    }

    /// The commit whose manifests asked for it.
    package var commit: String {
        _read { yield details.commit }
        _modify { yield &details.commit }
    }

    /// The run's id.
    package var run: String {
        _read { yield details.run }
        _modify { yield &details.run }
    }

    /// Where it ran.
    package var backend: FineTune.Backend {
        _read { yield details.backend }
        _modify { yield &details.backend }
    }

    /// When the run was started.
    package var started: Timestamp {
        _read { yield details.started }
        _modify { yield &details.started }
    }

    /// When the run ended.
    package var ended: Timestamp {
        _read { yield details.ended }
        _modify { yield &details.ended }
    }

    /// What it cost, over all attempts; nothing where no price is known.
    package var cost: Money? {
        _read { yield details.cost }
        _modify { yield &details.cost }
    }

    /// How many attempts it took.
    package var attempts: Int {
        _read { yield details.attempts }
        _modify { yield &details.attempts }
    }

    /// What was trained on what.
    package var inputs: Inputs {
        _read { yield details.inputs }
        _modify { yield &details.inputs }
    }

    /// What came out.
    package var training: Training {
        _read { yield details.training }
        _modify { yield &details.training }
    }

    /// How it was judged; absent without an evaluation.
    package var evaluation: EvaluationResult? {
        _read { yield details.evaluation }
        _modify { yield &details.evaluation }
    }

    /// The loss over the steps, thinned to at most 200 points.
    package var losses: [LossPoint] {
        _read { yield details.losses }
        _modify { yield &details.losses }
    }

    /// The weights' files, sorted by name.
    package var weights: [File] {
        _read { yield details.weights }
        _modify { yield &details.weights }
    }

    /// Names and versions of what trained it: ftops, the trainer and its libraries.
    package var software: [String: String] {
        _read { yield details.software }
        _modify { yield &details.software }
    }
}
