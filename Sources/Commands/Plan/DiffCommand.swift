//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import ArgumentParser
internal import Reconciler
internal import Reports

struct DiffCommand: FtopsSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Compare versions and fine-tunes, or what two commits ask for: fields, rows, metrics.",
        discussion: """
            Versions are named as owner/name:n or owner/name@id, fine-tunes by their names (what they ask for now), \
            commits as git names them. Rows are compared by their digests, which a version keeps in the store.
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var output: OutputOptions

    @Argument(help: "The older version, fine-tune or commit.", completion: .comparable)
    var old: String

    @Argument(help: "The newer version, fine-tune or commit.", completion: .comparable)
    var new: String

    func execute(_ context: CommandContext) throws {
        let comparisons = try DiffService(try context.workspace()).compare(old, new)
        switch output.format {
        case .text: context.console.show { ComparisonText.render(comparisons, color: $0, width: $1) }
        case .json: context.console.output(ComparisonText.value(comparisons))
        }
    }
}
