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
            with, and where the action comes from; of a sweep, what is planned for each of its points. Codes stand \
            in brackets behind errors and warnings.
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var source: RevisionOptions

    @Argument(help: "A fine-tune's name, a sweep's, or a code.", completion: .fineTunes)
    var name: String

    func execute(_ context: CommandContext) throws {
        let workspace = try? context.workspace()
        let names = (try? workspace?.read(source.revision).desired.state.fineTunes.keys).map(Array.init) ?? []
        if let entry = FindingCatalog.entry(name), !names.contains(ResourceName(rawValue: name)) {
            return show(entry, context)
        }
        let name = ResourceName(rawValue: name)
        let planned = try PlanService(try context.workspace())
            .plan(at: source.revision, selection: Selection(targets: [self.name]))
        let points = planned.desired.state.fineTunes[name] == nil ? planned.desired.state.points(of: name) : []
        if points.isEmpty {
            show(try explanation(name, planned), context)
        } else {
            show(SweepExplanation(name, try points.map { ($0.name, try explanation($0.name, planned)) }), context)
        }
    }

    private func explanation(_ name: ResourceName, _ planned: Planned) throws -> Explanation {
        guard let item = planned.plan.items.first(where: { $0.fineTunes.contains(name) }) else {
            throw ReconcilerError(.unknownName, "the plan has nothing about \(name)")
        }
        return Explanation(item, versions: planned.versions)
    }

    private func show(_ explanation: Explanation, _ context: CommandContext) {
        switch output.format {
        case .text: context.console.show { ExplanationText.render(explanation, color: $0, width: $1) }
        case .json: context.console.output(ExplanationJSON.value(explanation))
        }
    }

    private func show(_ sweep: SweepExplanation, _ context: CommandContext) {
        switch output.format {
        case .text: context.console.show { sweep.text(color: $0, width: $1) }
        case .json: context.console.output(sweep.json)
        }
    }

    private func show(_ entry: FindingCatalog.Entry, _ context: CommandContext) {
        switch output.format {
        case .text: context.console.show { FindingText.render(entry, color: $0, width: $1) }
        case .json: context.console.output(FindingText.value(entry))
        }
    }
}
