//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import ArgumentParser

struct CompletionsCommand: FtopsSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "completions",
        abstract: "Print what a shell needs to complete the commands of ftops.",
        discussion: """
            bash: ftops completions bash > ~/.local/share/bash-completion/completions/ftops
            zsh: ftops completions zsh > a folder of $fpath, as _ftops
            fish: ftops completions fish > ~/.config/fish/completions/ftops.fish
            """
    )

    enum Shell: String, ExpressibleByArgument, CaseIterable {
        case bash
        case zsh
        case fish

        var shell: CompletionShell {
            switch self {
            case .bash: .bash
            case .zsh: .zsh
            case .fish: .fish
            }
        }
    }

    @OptionGroup var global: GlobalOptions

    @Argument(help: "bash, zsh or fish.")
    var shell: Shell

    func execute(_ context: CommandContext) throws {
        context.console.output(FtopsCommand.completionScript(for: shell.shell) + "\n")
    }
}
