//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import ArgumentParser
internal import Datasets
internal import JSON
internal import Reconciler
internal import Reports

/// `ftops data preview`.
struct DataPreviewCommand: FtopsSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "preview",
        abstract: "Show a row with its fields, and the prompt and completion that it becomes."
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var rows: RowOptions

    @Option(help: "The row's number, from 1; the first three where absent.")
    var row: Int?

    func validate() throws {
        if let row, row < 1 { throw ValidationError("--row counts from 1") }
    }

    func execute(_ context: CommandContext) throws {
        let wanted = row.map { $0...$0 } ?? 1...3
        let service = try rows.service(context)
        let preview = try service.preview(rows.name, template: rows.template, rows: wanted)
        guard !preview.rows.isEmpty else {
            let count = Figures.count(preview.count, "row")
            throw ReconcilerError(.unknownName, "\(rows.name) has no row \(wanted.lowerBound); it has \(count)")
        }
        if let steps = preview.steps { context.console.note(RowStepsText.line(steps)) }
        for row in preview.rows { context.console.output(Self.text(row)) }
    }

    private static func place(_ place: RowPlace) -> String {
        let file = TerminalText.line(place.file)
        return place.countsRows ? "row \(place.number) of \(file)" : "line \(place.number) of \(file)"
    }

    private static func text(_ preview: RowPreview) -> String {
        let side = preview.isValidation ? "validates" : "trains"
        var lines = [
            "row \(preview.number) of \(preview.count) (\(Self.place(preview.place))), \(side), ~\(preview.tokens) tokens"
        ]
        for member in preview.fields.members {
            lines += block(member.key, member.value.string ?? JSONText.compact(member.value))
        }
        switch preview.rendered {
        case .promptCompletion(let prompt, let completion):
            lines += block("→ prompt", prompt) + block("→ completion", completion)
        case .preference(let prompt, let chosen, let rejected):
            lines += block("→ prompt", prompt) + block("→ chosen", chosen) + block("→ rejected", rejected)
        case .text(let text): lines += block("→ text", text)
        case .messages(let messages):
            for message in messages { lines += block("→ \(message.role.rawValue)", message.content) }
        }
        return lines.joined(separator: "\n") + "\n\n"
    }

    private static func block(_ label: String, _ text: String) -> [String] {
        ["  \(TerminalText.line(label)):"] + TerminalText.lines(text).map { "    │\($0)" }
    }
}
