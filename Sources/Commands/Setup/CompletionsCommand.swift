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
        if shell == .bash { context.console.output(Self.joining) }
    }

    /// bash takes `team=search`, `owner/name:1` and the name of a sweep's point for several words.
    private static let joining = #"""

        # Puts words together that bash broke at other places than spaces.
        __ftops_complete() {
            if [[ "${COMP_POINT}" -ne "${#COMP_LINE}" ]]; then
                _ftops "${@}"
                return
            fi
            local rest="${COMP_LINE}" gap word
            local -a words=()
            for word in "${COMP_WORDS[@]}"; do
                gap="${rest%%[![:space:]]*}"
                rest="${rest#"${gap}"}"
                rest="${rest#"${word}"}"
                if [[ -z "${gap}" && "${#words[@]}" -gt 0 ]]; then
                    words[${#words[@]} - 1]+="${word}"
                else
                    words+=("${word}")
                fi
            done
            COMP_WORDS=("${words[@]}")
            COMP_CWORD=$((${#words[@]} - 1))
            local -r typed="${words[${COMP_CWORD}]}"
            _ftops "${1}" "${typed}" "${words[${COMP_CWORD} - 1]}"
            # bash replaces no more than the last of the words that it sees.
            COMPREPLY=("${COMPREPLY[@]#"${typed%"${2}"}"}")
        }

        complete -o filenames -F __ftops_complete ftops

        """#
}
