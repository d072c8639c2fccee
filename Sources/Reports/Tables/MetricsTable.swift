//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Resources

/// What an evaluation measured of base and version, side by side, and how sure the difference is.
package enum MetricsTable {
    /// The metrics as text that ends with a line feed.
    package static func render(
        _ evaluation: VersionRecord.EvaluationResult,
        color: Bool = false,
        width: Int = 80
    ) -> String {
        guard !evaluation.comparisons.isEmpty else { return "Nothing was measured.\n" }
        let style = TerminalStyle(isColored: color)
        let lines = lines(evaluation, style, width: width, indent: 0)
        return (lines + GateLines.of(evaluation, style, width: width, indent: 0)).map { $0 + "\n" }.joined()
    }

    static func lines(
        _ evaluation: VersionRecord.EvaluationResult,
        _ style: TerminalStyle,
        width: Int,
        indent: Int
    ) -> [String] {
        var table = TextTable([
            .init(title: "metric", isFlexible: true), .init(title: "base", isNumeric: true),
            .init(title: "version", isNumeric: true), .init(title: "change", isNumeric: true),
            .init(title: "95% interval", isNumeric: true), .init(title: "n", isNumeric: true),
        ])
        table.rows = evaluation.comparisons.map(MetricFigures.init).map { [$0.name] + $0.cells }
        return table.lines(width: width, indent: indent).enumerated().map { index, line in
            index == 0 ? style.text(line, .dim) : line
        }
    }
}

/// The conditions of a gate, each with whether it is met.
enum GateLines {
    static func of(
        _ evaluation: VersionRecord.EvaluationResult,
        _ style: TerminalStyle,
        width: Int,
        indent: Int
    ) -> [String] {
        let indentation = String(repeating: " ", count: indent)
        let lines = evaluation.gate.flatMap { verdict in
            let line = TerminalText.line(GateNote.line(verdict, evaluation))
            let label = indentation + (verdict.isMet ? "met      " : "not met  ")
            return TextWrap.hanging(label, line, width: width).map { style.text($0, verdict.isMet ? .green : .red) }
        }
        return lines.isEmpty ? [] : [""] + lines
    }
}
