//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

extension VersionRecord {
    /// A metric of base and version over the same examples.
    package struct Comparison: Hashable, Sendable {
        /// Which examples.
        package enum ExampleSet: String, Hashable, Sendable, CaseIterable {
            /// The rows that validate.
            case validation
            /// The evaluation's own prompts.
            case prompts
        }

        /// Where a figure lies with a confidence of 95 %.
        package struct Interval: Hashable, Sendable {
            /// Its lower end.
            package var lower: Double
            /// Its upper end.
            package var upper: Double

            /// Makes an interval.
            package init(lower: Double, upper: Double) {
                self.lower = lower
                self.upper = upper
            }
        }

        /// The metric's name, which may be one of a later release.
        package var metric: String
        /// The examples that it was measured on.
        package var set: ExampleSet
        /// The base's figure.
        package var base: Double
        /// The version's figure.
        package var version: Double
        /// Where the difference of the two lies, by resampling the examples; nothing for a single one.
        package var interval: Interval?
        /// How many examples there were.
        package var examples: Int

        /// Makes a comparison.
        package init(
            metric: String,
            set: ExampleSet,
            base: Double,
            version: Double,
            interval: Interval?,
            examples: Int
        ) {
            self.metric = metric
            self.set = set
            self.base = base
            self.version = version
            self.interval = interval
            self.examples = examples
        }

        /// What the version has more than the base.
        package var difference: Double { version - base }
    }
}
