//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import ArgumentParser
internal import POSIX
internal import Reconciler
internal import Resources

/// The command line of ftops: parse, call the floors below, render.
package struct FtopsCommand: ParsableCommand {
    /// The name, the help and the subcommands.
    package static let configuration = CommandConfiguration(
        commandName: "ftops",
        abstract: "GitOps for fine-tuning language models.",
        discussion: """
            A git repository says which models are wanted: bases, datasets, templates, hyperparameters and \
            destinations as YAML under manifests/. ftops plans what has to be trained, trains exactly that, and \
            commits the trained versions back.

            Exit codes: 0 done, or nothing to do; 1 error, or a training failed; 2 changes (--detailed-exitcode); \
            3 fmt --check would change; 10 blocked; 12 a gate is not met; 64 usage; 130 interrupted; 143 terminated.
            """,
        version: Release.version,
        subcommands: [],
        groupedSubcommands: [
            CommandGroup(
                name: "Manifests",
                subcommands: [
                    InitCommand.self, ValidateCommand.self, FmtCommand.self, SchemaCommand.self, BasesCommand.self,
                    DataCommand.self, CompletionsCommand.self,
                ]
            ),
            CommandGroup(
                name: "Training",
                subcommands: [
                    PlanCommand.self, WhyCommand.self, DiffCommand.self, ApplyCommand.self, StatusCommand.self,
                    AttachCommand.self, LogsCommand.self, CancelCommand.self,
                    PauseCommand.self, ResumeCommand.self, ResolveCommand.self, DoctorCommand.self,
                ]
            ),
            CommandGroup(
                name: "Models",
                subcommands: [
                    VersionsCommand.self, ShowCommand.self, RunCommand.self, CompareCommand.self, EvaluateCommand.self,
                    PullCommand.self, ExportCommand.self,
                ]
            ),
            CommandGroup(name: "Internal", subcommands: [SuperviseCommand.self]),
        ]
    )

    // Taken here too, so that they may stand before the subcommand, as git has them.
    @OptionGroup var global: GlobalOptions

    /// Makes the command.
    package init() {}

    /// Parses the process's arguments, runs the command that they name, and exits.
    package static func start() -> Never {
        Terminal.fillClosedStreams()
        // To start git's library takes as long as to read the arguments.
        let preparation =
            opensRepository(CommandLine.arguments.dropFirst().first) ? Background { Workspace.prepare() } : nil
        do {
            let parsed = Result { try parseAsRoot() }
            // No thread may be busy with it when the process exits.
            preparation?.wait()
            var command = try parsed.get()
            try command.run()
            exit(withError: nil)
        } catch {
            exit(withError: error)
        }
    }

    /// Whether a command is one of those that open a repository and are often typed.
    private static func opensRepository(_ command: String?) -> Bool {
        switch command {
        case "apply", "compare", "data", "diff", "evaluate", "plan", "run", "show", "status", "validate", "versions",
            "why":
            true
        default: false
        }
    }
}
