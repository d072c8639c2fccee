//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import ArgumentParser
internal import JSON
internal import Reconciler
internal import Reports
internal import Resources

/// `ftops bases list`.
struct BasesListCommand: FtopsSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List base models: what they are, where they can be trained, on what, and whether they are pinned."
    )

    /// The forms of the list.
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text
        case json
        case markdown
    }

    @OptionGroup var global: GlobalOptions
    @OptionGroup var source: RevisionOptions

    @Option(help: "text, json or markdown.")
    var format: Format = .text

    @Flag(name: .customLong("json"), help: "Short for --format json, whose members .docs/json.md describes.")
    var json = false

    func execute(_ context: CommandContext) throws {
        let (desired, diagnostics) = try context.workspace().read(source.revision)
        let bases = desired.state.baseModels.values.sorted { $0.name < $1.name }.map { ($0.name, $0.spec) }
        let findings = diagnostics.filter { $0.context?.hasPrefix("BaseModel") ?? true }
        context.console.note(findings)
        switch json ? .json : format {
        case .text: context.console.table { BasesTable.render(bases, color: $0, width: $1) }
        case .json: context.console.output(BasesJSON.document(bases))
        case .markdown: context.console.output(BasesTable.markdown(bases))
        }
        if findings.contains(where: { $0.severity == .error }) { throw ExitCode(FtopsExit.error) }
    }
}
