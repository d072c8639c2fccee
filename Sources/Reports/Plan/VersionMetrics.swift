//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Planning
package import Resources

/// What was measured of two versions, side by side.
package enum VersionMetrics {
    /// Every metric that one of them has, also where both are alike.
    package static func between(_ old: VersionRecord, _ new: VersionRecord) -> [Reason] {
        let further = VersionScores.furtherNames([old, new])
        let pairs = zip(values(old, further), values(new, further))
        return pairs.compactMap { before, after in
            guard before.text != nil || after.text != nil else { return nil }
            return Reason(field: before.name, old: before.text ?? "-", new: after.text ?? "-")
        }
    }

    private static func values(_ version: VersionRecord, _ further: [String]) -> [(name: String, text: String?)] {
        let compared = VersionScores.comparisons(version)
        let training = version.training
        let score = version.evaluation?.version
        return [
            ("steps", Figures.count(training.steps)),
            ("tokens", Figures.count(training.tokens)),
            ("time", Figures.duration(training.seconds)),
            ("cost", version.cost.map(Figures.money)),
            ("training loss", training.trainLoss.map(Figures.loss)),
            ("validation loss", training.validationLoss.map(Figures.loss)),
            ("base's validation loss", training.baseValidationLoss.map(Figures.loss)),
            ("exact match, rows", score?.validationExactMatch.map(Figures.share)),
            ("exact match, prompts", score?.promptsExactMatch.map(Figures.share)),
        ] + further.map { name in (name, compared.first { $0.name == name }?.version) }
    }
}
