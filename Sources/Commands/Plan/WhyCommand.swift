//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import ArgumentParser
internal import Planning
internal import Reconciler
internal import Reports
internal import Resources

struct WhyCommand: FtopsSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "why",
        abstract: "Explain what plan says of a fine-tune, or what a code such as bad-row means.",
        discussion: """
            Of a fine-tune it shows every field of the fingerprint beside that of the version that it is compared \
            with, and where the action comes from. Codes stand in brackets behind errors and warnings.
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var source: RevisionOptions

    @Argument(help: "A fine-tune's name, or a code.", completion: .fineTunes)
    var name: String

    func execute(_ context: CommandContext) throws {
        let workspace = try? context.workspace()
        let names = (try? workspace?.read(source.revision).desired.state.fineTunes.keys).map(Array.init) ?? []
        if let entry = FindingCatalog.entry(name), !names.contains(ResourceName(rawValue: name)) {
            return show(entry, context)
        }
        let service = PlanService(try context.workspace())
        let planned = try service.plan(at: source.revision, selection: Selection(targets: [name]))
        guard let item = planned.plan.items.first(where: { $0.fineTunes.map(\.rawValue).contains(name) }) else {
            throw ReconcilerError(.unknownName, "the plan has nothing about \(name)")
        }
        let explanation = Explanation(item, versions: planned.versions)
        switch output.format {
        case .text: context.console.show { ExplanationText.render(explanation, color: $0, width: $1) }
        case .json: context.console.output(ExplanationJSON.value(explanation))
        }
    }

    private func show(_ entry: FindingCatalog.Entry, _ context: CommandContext) {
        switch output.format {
        case .text: context.console.show { FindingText.render(entry, color: $0, width: $1) }
        case .json: context.console.output(FindingText.value(entry))
        }
    }
}
