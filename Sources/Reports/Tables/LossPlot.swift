//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Resources

/// Losses over the steps as lines of text, drawn with Braille patterns: each character holds two dots beside four.
package enum LossPlot {
    /// A plot so many characters wide, and about so high; none where there is no loss yet.
    ///
    /// Validation losses stand in it as circles. `steps` is where the axis ends.
    package static func lines(
        _ training: [VersionRecord.LossPoint],
        validation: [VersionRecord.LossPoint] = [],
        steps: Int? = nil,
        width: Int = 80,
        height: Int = 10
    ) -> [String] {
        let points = (training + validation).filter(\.loss.isFinite)
        guard let low = points.map(\.loss).min(), let high = points.map(\.loss).max() else { return [] }
        let labels = [high, low].map(Figures.loss)
        let margin = labels.map(\.count).max() ?? 0
        let last = max(1, points.map(\.step).max() ?? 1, steps ?? 1)
        var canvas = Canvas(width: max(8, width - margin - 2), height: max(2, height))
        let scale = Scale(last: last, low: low, high: high, columns: canvas.columns, rows: canvas.rows)
        let curve = training.filter(\.loss.isFinite).map(scale.dot)
        for (from, to) in zip(curve, curve.dropFirst()) { canvas.line(from, to) }
        if let only = curve.first, curve.count == 1 { canvas.line(only, only) }
        for point in validation where point.loss.isFinite { canvas.mark(scale.dot(point)) }
        return framed(canvas.lines, labels, margin: margin, last: last)
    }

    private static func framed(_ lines: [String], _ labels: [String], margin: Int, last: Int) -> [String] {
        let framed = lines.enumerated().map { index, line in
            let label = index == 0 ? labels[0] : index == lines.count - 1 ? labels[1] : ""
            return String(repeating: " ", count: margin - label.count) + label + " \u{2502}" + line
        }
        let width = lines.first?.count ?? 0
        let (first, end) = ("0", Figures.count(last))
        let gap = String(repeating: " ", count: max(1, width - first.count - end.count))
        let pad = String(repeating: " ", count: margin + 2)
        return framed + [pad + first + gap + end]
    }

    /// Where points lie among the dots of a canvas.
    private struct Scale {
        let last: Int
        let low: Double
        let high: Double
        let columns: Int
        let rows: Int

        func dot(_ point: VersionRecord.LossPoint) -> Dot {
            let across = Double(min(max(point.step, 0), last)) / Double(last)
            let down = high > low ? (high - point.loss) / (high - low) : 1
            return Dot(
                column: Int((across * Double(columns - 1)).rounded()),
                row: Int((down * Double(rows - 1)).rounded())
            )
        }
    }

    private struct Dot {
        var column: Int
        var row: Int
    }

    /// Dots, eight to a character.
    private struct Canvas {
        private let width: Int
        private var cells: [[UInt32]]
        private var marks: [[Bool]]

        init(width: Int, height: Int) {
            self.width = width
            cells = Array(repeating: Array(repeating: 0, count: width), count: height)
            marks = Array(repeating: Array(repeating: false, count: width), count: height)
        }

        var columns: Int { width * 2 }
        var rows: Int { cells.count * 4 }

        mutating func line(_ from: Dot, _ to: Dot) {
            let length = max(abs(to.column - from.column), abs(to.row - from.row), 1)
            for step in 0...length {
                let share = Double(step) / Double(length)
                set(
                    Dot(
                        column: from.column + Int((Double(to.column - from.column) * share).rounded()),
                        row: from.row + Int((Double(to.row - from.row) * share).rounded())
                    )
                )
            }
        }

        mutating func mark(_ dot: Dot) { marks[dot.row / 4][dot.column / 2] = true }

        /// The bits of a Braille pattern go down the left column, then the right one, and the lowest row comes last.
        private mutating func set(_ dot: Dot) {
            let bits: [[UInt32]] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]]
            cells[dot.row / 4][dot.column / 2] |= bits[dot.row % 4][dot.column % 2]
        }

        var lines: [String] {
            cells.indices.map { row in
                String(
                    String.UnicodeScalarView(
                        cells[row].indices.map { column in
                            if marks[row][column] { return "\u{25CB}" }
                            let bits = cells[row][column]
                            return bits == 0 ? " " : Unicode.Scalar(0x2800 + bits) ?? " "
                        }
                    )
                )
            }
        }
    }
}
