//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Resources

/// Renders a dataset: reads its source, puts each row through the template and splits off the validation rows.
package struct DatasetRenderer: Sendable {
    private let dataset: Dataset
    private let renderer: RowRenderer

    /// Makes a renderer of a dataset by a template, or by none for rows that are rendered already.
    package init(_ dataset: Dataset, template: CompiledTemplate?) {
        self.dataset = dataset
        renderer = RowRenderer(template: template)
    }

    /// Renders all rows, or tells which cannot be used and renders nothing.
    ///
    /// `validation` is the file that a dataset names as `validation: {source: …}`.
    package func render(_ source: RowSource, validation: RowSource? = nil) throws(DatasetError) -> RenderedDataset {
        let pass = try RenderingPass(source, renderer, split: ValidationSplit(dataset.validation), pin: dataset.sha256)
        let other = try validation.map { other throws(DatasetError) in
            try RenderingPass(other, renderer, split: .none, pin: nil)
        }
        var (train, chosen) = pass.sides()
        if let other { chosen = other.rows }
        guard train.count > 0 else {
            throw DatasetError(.noRows, "all \(chosen.count) rows of \(source.name) validate: none is left to train on")
        }
        return RenderedDataset(
            train: train,
            validation: chosen.count > 0 ? chosen : nil,
            sourceDigest: pass.sourceDigest,
            rowDigests: (pass.digests + (other?.digests ?? [])).map { ContentDigest($0) }.sorted()
        )
    }

    /// Renders all rows and shows those of the given numbers, from 1.
    package func preview(_ source: RowSource, rows: ClosedRange<Int>) throws(DatasetError) -> [RowPreview] {
        let split = ValidationSplit(dataset.validation)
        let pass = try RenderingPass(source, renderer, split: split, pin: dataset.sha256, keeping: rows)
        return pass.previews()
    }
}
