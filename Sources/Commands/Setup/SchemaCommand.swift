//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import ArgumentParser
internal import Manifests

/// `ftops schema`.
struct SchemaCommand: FtopsSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "Print the JSON Schema of manifests, by which editors complete and check them.",
        discussion: """
            ftops init writes it to .ftops/schema.json, and editors' settings that use it; after an update of ftops: \
            ftops schema > .ftops/schema.json
            """
    )

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case json
        case markdown
    }

    @OptionGroup var global: GlobalOptions

    @Option(help: "json, or markdown for the reference page of kinds.")
    var format: Format = .json

    func execute(_ context: CommandContext) throws {
        switch format {
        case .json: context.console.output(ManifestSchema.document)
        case .markdown: context.console.output(ReferencePage.text)
        }
    }
}
