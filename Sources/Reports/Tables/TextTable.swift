//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// Columns of text that fit a terminal.
struct TextTable {
    /// A column's title, and on which side its cells stand.
    struct Column {
        let title: String
        var isNumeric = false
        /// Whether its cells are cut where the table would be too wide.
        var isFlexible = false
    }

    let columns: [Column]
    var rows: [[String]] = []
    private static let gap = 2

    init(_ columns: [Column]) { self.columns = columns }

    /// The lines, the titles first, each at most so wide as far as the columns that cannot be cut allow.
    func lines(width: Int, indent: Int = 2) -> [String] {
        let cells = rows.map { $0.map(TerminalText.line) }
        let widths = fitted(natural(cells), to: width - indent)
        return ([columns.map(\.title)] + cells).map { cells in
            let padded = zip(zip(columns, widths), cells).map { column, cell in
                let text = DisplayWidth.truncated(cell, to: column.1)
                return column.0.isNumeric
                    ? DisplayWidth.aligned(text, to: column.1) : DisplayWidth.padded(text, to: column.1)
            }
            let line = padded.joined(separator: String(repeating: " ", count: Self.gap))
            return String(repeating: " ", count: indent) + line.withoutSpacesAtEnd
        }
    }

    /// The table without the columns that say nothing in any row.
    func withoutEmptyColumns(_ nothing: String = "-") -> TextTable {
        let told = columns.indices.filter { column in rows.contains { $0[column] != nothing } }
        var table = TextTable(told.map { columns[$0] })
        table.rows = rows.map { row in told.map { row[$0] } }
        return table
    }

    private func natural(_ cells: [[String]]) -> [Int] {
        columns.indices.map { column in
            cells.reduce(DisplayWidth.of(columns[column].title)) { max($0, DisplayWidth.of($1[column])) }
        }
    }

    /// Takes what is too much from the widest of the flexible columns, a column at a time.
    private func fitted(_ natural: [Int], to width: Int) -> [Int] {
        var widths = natural
        var excess = widths.reduce(0, +) + Self.gap * (columns.count - 1) - width
        let flexible = columns.indices.filter { columns[$0].isFlexible }
        while excess > 0, let widest = flexible.max(by: { widths[$0] < widths[$1] }), widths[widest] > 6 {
            widths[widest] -= 1
            excess -= 1
        }
        return widths
    }
}
