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

    @Flag(help: "Print the rows that validate instead.")
    var validation = false

    @Option(help: "The template to render by, where several fine-tunes use the dataset.")
    var template: String?

    @Option(help: "Read manifests and data from this commit instead of the work tree.")
    var ref: String?

    @Argument(help: "A dataset's or a fine-tune's name.")
    var name: String

    func execute(_ context: CommandContext) throws {
        let revision = ref.map { Workspace.Revision.named($0) } ?? .present
        let rendered = try DataService(try context.workspace(), at: revision).render(name, template: template)
        let rows = validation ? rendered.validation : rendered.train
        context.console.output(bytes: rows?.bytes ?? [])
        let digest = (validation ? rendered.validationDigest : rendered.trainDigest)?.rawValue ?? "none"
        context.console.note("\(rows?.count ?? 0) rows, sha256 \(digest)")
    }
}
