//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import ArgumentParser
internal import Datasets
internal import POSIX
internal import Reconciler
internal import Resources

/// `ftops data render`.
struct DataRenderCommand: FtopsSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "render",
        abstract: "Print the rows that are trained on, as the trainer gets them: one JSON object a line."
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var rows: RowOptions

    @Flag(help: "Print the rows that validate instead.")
    var validation = false

    @Option(name: .customLong("out"), help: "Write them to a file, which appears when all rows are in it.")
    var file: String?

    func execute(_ context: CommandContext) throws {
        let counts = try file.map { try write(to: $0, context) } ?? print(context)
        let rows = counts?.rows ?? 0
        context.console.note("\(rows) row\(rows == 1 ? "" : "s"), sha256 \(counts?.digest.rawValue ?? "none")")
    }

    private func print(_ context: CommandContext) throws -> RowCounts? {
        let rendered = try rows.service(context).render(rows.name, template: rows.template)
        let printed = validation ? rendered.validation : rendered.train
        try printed?.write { context.console.output(bytes: $0) }
        return printed?.counts
    }

    private func write(to file: String, _ context: CommandContext) throws -> RowCounts? {
        let pending = try PendingFile(for: context.target(out: file))
        let counts = try rows.service(context)
            .export(validation ? .validation : .train, of: rows.name, template: rows.template) { rows in
                try pending.file.write(rows)
            }
        try pending.replace()
        return counts
    }
}
