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

/// `ftops validate`.
struct ValidateCommand: FtopsSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "validate",
        abstract: "Check the manifests and say all that is wrong with them."
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var output: FindingOptions
    @OptionGroup var source: RevisionOptions

    func execute(_ context: CommandContext) throws {
        let (desired, diagnostics) = try context.workspace().read(source.revision)
        context.console.show(diagnostics, as: output.format)
        let errors = diagnostics.count { $0.severity == .error }
        guard errors == 0 else {
            context.console.note("error: \(errors == 1 ? "1 error" : "\(errors) errors") in the manifests")
            throw ExitCode(FtopsExit.error)
        }
        guard output.format == .text else { return }
        context.console.show { TextWrap.wrap(Self.summary(desired.state), width: $1).map { $0 + "\n" }.joined() }
    }

    private static func summary(_ state: DesiredState) -> String {
        let counts: [(Int, String)] = [
            (state.fineTunes.count, "fine-tune"), (state.datasets.count, "dataset"),
            (state.templates.count, "template"), (state.baseModels.count, "base model"),
            (state.hyperparameters.count, "hyperparameter profile"), (state.models.count, "model"),
        ]
        let parts = counts.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)\($0.0 == 1 ? "" : "s")" }
        return parts.isEmpty
            ? "No manifests yet: ftops init writes a first set."
            : "The manifests are valid: \(parts.joined(separator: ", "))."
    }
}
