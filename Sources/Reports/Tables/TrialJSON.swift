//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import JSON
internal import Planning
internal import Resources

/// What trials came to, for programs, in the format that `.docs/json.md` describes.
package enum TrialJSON {
    /// The trials as a JSON value.
    package static func value(_ trials: [TrialReport]) -> JSONValue {
        ["format_version": "1.1", "trials": .array(trials.map(trial))]
    }

    private static func trial(_ report: TrialReport) -> JSONValue {
        let figures = report.figures
        return [
            "fine_tunes": .array(report.fineTunes.map { .string($0.rawValue) }),
            "steps": figures.map { .int($0.trial.steps) } ?? .null,
            "first_loss": figures?.firstLoss.map { .double($0) } ?? .null,
            "last_loss": figures?.lastLoss.map { .double($0) } ?? .null,
            "tokens_per_second": figures.map { .double($0.trial.tokensPerSecond) } ?? .null,
            "startup": figures.map { .double($0.trial.startup) } ?? .null,
            "peak_memory": figures?.peakMemory.map { .int($0) } ?? .null,
            "reason": figures == nil ? .string(report.reason) : .null,
            "estimate": report.estimate.map(EstimateJSON.value) ?? .null,
        ]
    }
}
