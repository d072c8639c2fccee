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

    @Option(help: "The row's number, from 1; the first three where absent.")
    var row: Int?

    @Option(help: "The template to render by, where several fine-tunes use the dataset.")
    var template: String?

    @Option(help: "Read manifests and data from this commit instead of the work tree.")
    var ref: String?

    @Argument(help: "A dataset's or a fine-tune's name.")
    var name: String

    func validate() throws {
        if let row, row < 1 { throw ValidationError("--row counts from 1") }
    }

    func execute(_ context: CommandContext) throws {
        let revision = ref.map { Workspace.Revision.named($0) } ?? .present
        let service = try DataService(try context.workspace(), at: revision)
        let previews = try service.preview(name, template: template, rows: row.map { $0...$0 } ?? 1...3)
        guard !previews.isEmpty else {
            throw ReconcilerError(.unknownName, "\(name) has no row \(row ?? 1)")
        }
        for preview in previews { context.console.output(Self.text(preview)) }
    }

    private static func text(_ preview: RowPreview) -> String {
        let side = preview.isValidation ? "validates" : "trains"
        var lines = ["row \(preview.number) of \(preview.count) (line \(preview.line)), \(side), ~\(preview.tokens) tokens"]
        for member in preview.fields.members {
            lines += block(member.key, member.value.string ?? JSONText.compact(member.value))
        }
        switch preview.rendered {
        case .promptCompletion(let prompt, let completion):
            lines += block("→ prompt", prompt) + block("→ completion", completion)
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
