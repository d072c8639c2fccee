//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import ArgumentParser
internal import Reconciler

/// Whose rows are shown, rendered by which template.
struct RowOptions: ParsableArguments {
    @Option(help: "The template to render by, where several fine-tunes use the dataset.")
    var template: String?

    @OptionGroup private var source: RevisionOptions

    @Argument(help: "A dataset's or a fine-tune's name.")
    var name: String

    func service(_ context: CommandContext) throws -> DataService {
        try DataService(try context.workspace(), at: source.revision)
    }
}
