//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import ArgumentParser
internal import Reconciler
internal import Reports
internal import Resources

/// `ftops bases update`.
struct BasesUpdateCommand: FtopsSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "update",
        abstract: "Ask the hosts of base models what they have now, and write the pins into the manifest.",
        discussion: """
            The rest of the manifest stays as it is, comments too. A model of Hugging Face is asked for its commit \
            (HF_TOKEN where it is gated), a model of Replicate for its newest version (REPLICATE_API_TOKEN), a Python \
            package for its newest release. A new pin plans a new version of what is trained from it.
            """
    )

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The base models' names.")
    var names: [String]

    func execute(_ context: CommandContext) throws {
        for name in names {
            // Each is read anew: the one before may stand in the same file.
            for result in try BaseUpdate(try context.workspace()).update(name) {
                context.console.output(Self.text(result))
            }
        }
    }

    private static func text(_ result: BaseUpdate.Result) -> String {
        let what = TerminalText.line("\(result.base): \(result.field)")
        switch result.old {
        case result.new: return "\(what) unchanged, \(result.new)\n"
        case nil: return "\(what) pinned to \(result.new) in \(result.file)\n"
        case let old?:
            return "\(what) moved from \(TerminalText.line(old)) to \(result.new), written into \(result.file)\n"
        }
    }
}
