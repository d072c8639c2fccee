//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import ArgumentParser
internal import Datasets
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

    func execute(_ context: CommandContext) throws {
        let rendered = try rows.service(context).render(rows.name, template: rows.template)
        let printed = validation ? rendered.validation : rendered.train
        try printed?.write { context.console.output(bytes: Array($0)) }
        let digest = printed?.digest.rawValue ?? "none"
        let count = printed?.count ?? 0
        context.console.note("\(count) row\(count == 1 ? "" : "s"), sha256 \(digest)")
    }
}
