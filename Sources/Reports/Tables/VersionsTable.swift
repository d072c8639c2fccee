//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Resources

/// A model's versions in a table.
package enum VersionsTable {
    /// The versions, newest first, as text that ends with a line feed.
    package static func render(_ versions: [VersionRecord], color: Bool = false, width: Int = 80) -> String {
        guard !versions.isEmpty else { return "No versions yet.\n" }
        var table = TextTable([
            .init(title: "version"), .init(title: "id"), .init(title: "date"),
            .init(title: "fine-tune", isFlexible: true), .init(title: "loss", isNumeric: true),
            .init(title: "exact", isNumeric: true), .init(title: "gate"), .init(title: "cost", isNumeric: true),
        ])
        let sorted = VersionOrder.newestFirst(versions)
        table.rows = sorted.map(row)
        let style = TerminalStyle(isColored: color)
        let lines = table.withoutEmptyColumns().lines(width: width, indent: 0).enumerated().map { index, line in
            index == 0 ? style.text(line, .dim) : line
        }
        return lines.map { $0 + "\n" }.joined()
    }

    private static func gate(_ version: VersionRecord) -> String {
        guard let evaluation = version.evaluation, !evaluation.gate.isEmpty else { return "-" }
        return version.meetsGate ? "met" : "not met"
    }

    private static func row(_ version: VersionRecord) -> [String] {
        let exact = version.evaluation?.version.promptsExactMatch ?? version.evaluation?.version.validationExactMatch
        return [
            version.label, version.id.short,
            String(version.ended.description.prefix(10)), version.fineTunes.map(\.rawValue).joined(separator: ", "),
            version.training.validationLoss.map(Figures.loss) ?? "-",
            exact.map { "\($0.correct)/\($0.total)" } ?? "-", gate(version), version.cost.map(Figures.money) ?? "-",
        ]
    }
}

/// The order in which versions are shown.
enum VersionOrder {
    /// The highest number first; of two with one number the one that ended later.
    static func newestFirst(_ versions: [VersionRecord]) -> [VersionRecord] {
        versions.sorted { left, right in
            (left.model, right.number ?? Int.max, right.ended, right.id)
                < (right.model, left.number ?? Int.max, left.ended, left.id)
        }
    }
}
