//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Datasets
internal import Git
internal import Resources

/// Data of one dataset or fine-tune, rendered: for a look before anything is trained.
package struct DataService {
    private let desired: Workspace.Desired
    private let reader: DatasetReader
    /// Looks at rows one by one.
    let inspection: DataInspection

    /// Reads the manifests of the work tree, or of a commit.
    package init(_ workspace: Workspace, at revision: Workspace.Revision) throws {
        desired = try workspace.desired(at: revision)
        reader = try workspace.reader(of: desired)
        inspection = workspace.inspection
    }

    /// The tokens of a pack of a fine-tune, or as many as one has that does not say.
    func chunkSize(of text: String) -> Int {
        let state = desired.state
        let fineTune = state.fineTune(named: ResourceName(rawValue: text))?.spec
        let profile = fineTune?.profile.flatMap { state.hyperparameters[$0]?.spec.values } ?? [:]
        let values = HyperparameterTable.resolved(profile.merging(fineTune?.hyperparameters ?? [:]) { $1 })
        return if case .integer(let size) = values["chunk_size"] { size } else { 2048 }
    }

    /// A dataset with what it is rendered by.
    private struct Choice {
        let dataset: Located<Dataset>
        let recipe: RowRecipe
    }

    /// Rows of the given numbers, from 1, with their fields and what they become.
    package func preview(_ name: String, template: String?, rows: ClosedRange<Int>) throws -> DatasetPreview {
        try desired.withLines {
            let choice = try choose(name, template: template)
            return try reader.preview(choice.dataset, by: choice.recipe, rows: rows)
        }
    }

    /// The whole dataset, rendered and split.
    package func render(_ name: String, template: String?) throws -> RenderedDataset {
        try desired.withLines {
            let choice = try choose(name, template: template)
            return try reader.render(choice.dataset, by: choice.recipe)
        }
    }

    /// Hands the rows of one side over as they are rendered, in one pass: for what is thrown away where it fails.
    package func export(
        _ side: RowSide,
        of name: String,
        template: String?,
        to output: (ArraySlice<UInt8>) throws -> Void
    ) throws -> RowCounts? {
        try desired.withLines {
            let choice = try choose(name, template: template)
            return try reader.export(side, of: choice.dataset, by: choice.recipe, to: output)
        }
    }

    /// A fine-tune's name chooses its dataset and template, unless a dataset that it does not use has that name; a
    /// dataset's name takes the template given, else the one that its only fine-tune uses.
    private func choose(_ text: String, template: String?) throws -> Choice {
        let name = ResourceName(rawValue: text)
        let state = desired.state
        let named = state.fineTune(named: name)
        let asking = state.datasets[name] == nil || named?.spec.dataset == name ? named : nil
        let fineTune = asking?.spec
        guard let dataset = state.datasets[fineTune?.dataset ?? name] else {
            let known = Set(state.datasets.keys).union(state.fineTunes.keys)
            throw ReconcilerError(unknown: text, "dataset or fine-tune", among: known)
        }
        let users = Set(state.fineTunes.values.filter { $0.spec.dataset == dataset.name }.map(\.spec.template))
        let chosen: ResourceName?
        switch (template, fineTune) {
        case (let template?, _): chosen = ResourceName(rawValue: template)
        case (nil, let fineTune?): chosen = fineTune.template
        case (nil, nil) where users.count == 1: chosen = users.first ?? nil
        case (nil, nil) where users.isEmpty: chosen = nil
        case (nil, nil):
            let names = users.map { $0?.rawValue ?? "none" }.sorted().joined(separator: ", ")
            throw ReconcilerError(
                .unknownName,
                "dataset \(name) is rendered by several templates (\(names)): say --template"
            )
        }
        var recipe = try chosen.map { try self.recipe($0) } ?? RowRecipe()
        recipe.fineTune = asking
        return Choice(dataset: dataset.limited(to: fineTune?.limit), recipe: recipe)
    }

    private func recipe(_ name: ResourceName) throws -> RowRecipe {
        let templates = desired.state.templates
        guard let template = templates[name] else {
            throw ReconcilerError(unknown: name.rawValue, "template", among: templates.keys)
        }
        return RowRecipe(template: try CompiledTemplate(template.spec), manifest: template)
    }
}
