//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Resources

/// Base models in a table.
package enum BasesTable {
    /// The bases by name, as text that ends with a line feed.
    package static func render(_ bases: [(ResourceName, BaseModel)], color: Bool = false, width: Int = 80) -> String {
        guard !bases.isEmpty else { return "No base models yet.\n" }
        var table = TextTable([
            .init(title: "base", isFlexible: true), .init(title: "parameters", isNumeric: true),
            .init(title: "context", isNumeric: true), .init(title: "licence", isFlexible: true),
            .init(title: "trains on"), .init(title: "hardware", isFlexible: true),
            .init(title: "$/min", isNumeric: true), .init(title: "pinned"),
        ])
        table.rows = bases.flatMap { name, base in rows(name, base) }
        let style = TerminalStyle(isColored: color)
        let lines = table.withoutEmptyColumns().lines(width: width, indent: 0).enumerated().map { index, line in
            index == 0 ? style.text(line, .dim) : line
        }
        return lines.map { $0 + "\n" }.joined()
    }

    /// The same as a table of markdown.
    package static func markdown(_ bases: [(ResourceName, BaseModel)]) -> String {
        guard !bases.isEmpty else { return "No base models yet.\n" }
        let head = [
            "| base | parameters | context | licence | trains on | hardware | $/min | pinned |",
            "|---|--:|--:|---|---|---|--:|---|",
        ]
        let rows = bases.flatMap { name, base in Self.rows(name, base) }.map { cells in
            "| " + cells.map { MarkdownText.inline($0 == "-" ? "" : $0) }.joined(separator: " | ") + " |"
        }
        return (head + rows).map { $0 + "\n" }.joined()
    }

    /// A row for each backend, the first with what they share.
    private static func rows(_ name: ResourceName, _ base: BaseModel) -> [[String]] {
        let own = [
            name.rawValue, base.parameters.map(BasesJSON.size) ?? "-", base.context.map(Figures.count) ?? "-",
            base.license ?? "-",
        ]
        return BasesJSON.places(of: base).enumerated().map { index, place in
            (index == 0 ? own : ["", "", "", ""]) + [
                place.backend, place.hardware?.name ?? "-",
                place.hardware?.pricePerMinute.map(\.decimal) ?? "-", place.isPinned ? "yes" : "no",
            ]
        }
    }
}
