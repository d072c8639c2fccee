//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Resources
import YAML

/// The reference of kinds and hyperparameters, in markdown: made from the tables that decode.
package enum ReferencePage {
    /// The page.
    package static let text: String = {
        var lines = [
            "# Kinds of manifests",
            "",
            "`ftops schema --format markdown` prints this page, from the tables by which manifests are read.",
            "",
            "A manifest is a document of YAML 1.2 in a file below `manifests/`; a file may have several. An unknown key is",
            "an error. A default is what happens where the field is absent; a field marked † has to be there, one marked ‡",
            "does not work yet and is reported where it is written.",
        ]
        lines += section("Every document", summary: "What all kinds share.", table: KindTable.document)
        for kind in ResourceKind.allCases {
            let table = KindTable.of(kind)
            guard kind != .hyperparameters else {
                lines += hyperparameters(table)
                continue
            }
            lines += section(kind.rawValue, summary: table.summary, example: table.example, table: table.spec)
        }
        return (lines + layout).joined(separator: "\n") + "\n"
    }()

    /// What `ftops fmt` makes of a manifest.
    private static let layout = [
        "",
        "## Layout",
        "",
        "`ftops fmt` writes manifests in one layout, and changes neither what they say nor a comment:",
        "",
        "- two spaces a level, also for lists below a key; keys stay in your order, since comments introduce them",
        "- quotes only where a reader of YAML 1.1 or 1.2 could take the text for something else, double ones where they do",
        "- brackets and braces stay where they are on one line, with single spaces; over several lines they become a block",
        "- texts over several lines stay as they are, at their new indentation",
        "- a comment behind a value stays in its column where the value leaves it two spaces; others stand with what follows",
        "- one empty line at most between fields, none at the ends; `---` between documents only; line feeds, no `\\r`",
    ]

    private static func section(
        _ title: String,
        summary: String,
        example: String? = nil,
        table: MappingTable
    ) -> [String] {
        var lines = ["", "## \(title)", "", summary, ""]
        if let example { lines += ["```yaml", example, "```", ""] }
        lines += ["| field | takes | default | what |", "|---|---|---|---|"]
        return lines + rows(of: table, below: "")
    }

    private static func rows(of table: MappingTable, below path: String) -> [String] {
        table.rows.flatMap { row -> [String] in
            let name = path + row.name
            let mark = row.isSupported ? row.isRequired ? " †" : "" : " ‡"
            let standard = row.standard.map { "`\(text($0))`" } ?? ""
            let own = "| `\(name)`\(mark) | \(words(row.shape)) | \(standard) | \(cell(row.summary)) |"
            guard row.isSupported, let inner = inner(row.shape) else { return [own] }
            let isProfile = inner.rows.contains { HyperparameterTable.field($0.name) != nil }
            let shown =
                isProfile ? MappingTable(inner.rows.filter { HyperparameterTable.field($0.name) == nil }) : inner
            return [own] + rows(of: shown, below: name + (isList(row.shape) ? "[]." : "."))
        }
    }

    private static func inner(_ shape: Shape) -> MappingTable? {
        if case .list(let element) = shape { return element.mapping }
        if case .secret = shape { return nil }
        return shape.mapping
    }

    private static func isList(_ shape: Shape) -> Bool { if case .list = shape { true } else { false } }

    private static func hyperparameters(_ table: KindTable) -> [String] {
        var lines = ["", "## Hyperparameters", "", table.summary, "", "```yaml", table.example, "```", ""]
        lines += ["| name | takes | default | also called | what |", "|---|---|---|---|---|"]
        lines += HyperparameterTable.fields.map { field in
            let row = table.spec[field.name]
            let mark = field.isSupported ? mark(field.entry) : " ‡"
            let standard = row?.standard.map { "`\(text($0))`" } ?? ""
            let aliases = field.aliases.map { "`\($0)`" }.joined(separator: ", ")
            let instead = field.instead.map { " Instead, \($0)." } ?? ""
            let takes = row.map { words($0.shape) } ?? ""
            return "| `\(field.name)`\(mark) | \(takes) | \(standard) | \(aliases) | \(cell(field.summary + instead)) |"
        }
        return lines + [
            "", "One marked * cannot change weights, and retrains nothing when it is changed; one marked § can only",
            "beside `keep: best` or `early_stopping_patience`.",
        ]
    }

    private static func mark(_ entry: HyperparameterField.Entry) -> String {
        switch entry {
        case .always: ""
        case .never: " *"
        case .whereValidationDecides: " §"
        }
    }

    private static func words(_ shape: Shape) -> String {
        switch shape {
        case .text(let format): format.words
        case .bool: "`true`, `false`"
        case .integer(let range) where range.upperBound >= Int(Int32.max): "whole number from \(range.lowerBound)"
        case .integer(let range): "whole number from \(range.lowerBound) to \(range.upperBound)"
        case .number(let range): "number, \(range.words)"
        case .size: "size such as `7B`"
        case .memory: "memory such as `24GB` or `80GiB`"
        case .money: "dollars"
        case .duration: "duration such as `1h30m`"
        case .choice(let words, let later):
            (words.map { "`\($0)`" } + later.map { "`\($0)` ‡" }).joined(separator: ", ")
        case .reference(let kinds): "name of a \(kinds.map(\.rawValue).joined(separator: " or a "))"
        case .list(let element): "list: \(words(element))"
        case .mapping: "mapping"
        case .texts: "mapping of texts"
        case .table: "mapping"
        case .secret: "`{env: NAME}`"
        case .either: shape.alternatives.map(words).joined(separator: ", or ")
        }
    }

    private static func text(_ value: YAMLValue) -> String { String(YAMLWriter.text(value).dropLast()) }

    private static func cell(_ text: String) -> String { text.replacing("|", with: "\\|") }
}
