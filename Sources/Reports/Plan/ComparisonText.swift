//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import JSON
package import Planning
internal import Resources

/// Two versions, or one fine-tune at two commits, side by side.
package struct Comparison: Hashable, Sendable {
    /// What is compared.
    package var name: String
    /// The older one, as it was named; nothing where only the newer one has it.
    package var old: String?
    /// The newer one, as it was named; nothing where only the older one has it.
    package var new: String?
    /// The fields of the fingerprint.
    package var fields: [FieldChange]
    /// The rows that came and went; nothing where the digests of the rows are not at hand.
    package var rows: RowDifference?
    /// What was measured, both values as texts.
    package var metrics: [Reason]

    /// Makes a comparison.
    package init(
        name: String,
        old: String?,
        new: String?,
        fields: [FieldChange],
        rows: RowDifference? = nil,
        metrics: [Reason] = []
    ) {
        self.name = name
        self.old = old
        self.new = new
        self.fields = fields
        self.rows = rows
        self.metrics = metrics
    }

    /// Whether both ask for the same.
    package var isSame: Bool { old != nil && new != nil && !fields.contains(where: \.isChanged) }
}

/// Comparisons for people and for programs.
package enum ComparisonText {
    /// The comparisons as text that ends with a line feed; those of the same are counted.
    package static func render(_ comparisons: [Comparison], color: Bool = false, width: Int = 80) -> String {
        let style = TerminalStyle(isColored: color)
        let shown = comparisons.filter { !$0.isSame || !$0.metrics.isEmpty }
        var lines = shown.flatMap { block($0, style, width) + [""] }
        let same = comparisons.count - shown.count
        if same > 0 { lines.append("\(Figures.count(same, "fine-tune")) the same") }
        if lines.isEmpty { lines = ["nothing to compare"] }
        if lines.last == "" { lines.removeLast() }
        return lines.map { $0 + "\n" }.joined()
    }

    private static func block(_ comparison: Comparison, _ style: TerminalStyle, _ width: Int) -> [String] {
        let (old, new) = (comparison.old ?? "none", comparison.new ?? "none")
        let title = TextWrap.hanging("\(TerminalText.line(comparison.name)): ", "\(old) -> \(new)", width: width)
        var lines = title.map { style.text($0, .bold) }
        lines += FieldChangeText.lines(comparison.fields, style: style, width: width)
        if let rows = comparison.rows {
            lines.append("    " + DisplayWidth.label("rows", to: 24) + (PlanFields.rows(rows) ?? "the same"))
        }
        return lines
            + comparison.metrics.flatMap { metric in
                TextWrap.hanging(
                    "    " + DisplayWidth.label(TerminalText.line(metric.field), to: 24),
                    TerminalText.line(PlanFields.change(metric)),
                    width: width
                )
            }
    }

    /// The comparisons as a JSON value.
    package static func value(_ comparisons: [Comparison]) -> JSONValue {
        ["format_version": "1.0", "items": .array(comparisons.map(item))]
    }

    private static func item(_ comparison: Comparison) -> JSONValue {
        [
            "name": .string(comparison.name),
            "old": text(comparison.old),
            "new": text(comparison.new),
            "same": .bool(comparison.isSame),
            "fields": ExplanationJSON.fields(comparison.fields),
            "rows": comparison.rows.map { ["added": .int($0.added), "removed": .int($0.removed)] } ?? .null,
            "metrics": .array(
                comparison.metrics.map {
                    ["metric": .string($0.field), "old": text($0.old), "new": text($0.new)]
                }
            ),
        ]
    }

    private static func text(_ text: String?) -> JSONValue { text.map { .string($0) } ?? .null }
}
