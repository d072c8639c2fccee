//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Datasets
import Foundation
import Manifests
import Resources
import Testing

/// The manifests of this repository, and the rows that they name.
enum RepositoryManifests {
    /// All of them, by path.
    static func files() throws -> [ManifestFile] {
        let folder = Repository.root.appending(path: "manifests")
        let names = try FileManager.default.subpathsOfDirectory(atPath: folder.path(percentEncoded: false))
        return try names.filter { $0.hasSuffix(".yaml") }.sorted().map { name in
            let text = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
            return ManifestFile(path: "manifests/\(name)", text: text)
        }
    }

    /// Those of the demo.
    static func demo() throws -> [ManifestFile] {
        try files().filter { !$0.path.hasPrefix("manifests/examples/") }
    }

    /// The rows that a fine-tune trains and validates on, as its template renders them.
    static func render(_ fineTune: FineTune, of state: DesiredState) throws -> RenderedDataset {
        let dataset = try #require(state.datasets[fineTune.dataset]?.spec)
        let name = try #require(fineTune.template)
        let template = try #require(state.templates[name]?.spec)
        var validation: RowSource?
        if case .source(let source, _)? = dataset.validation { validation = rows(of: source.text) }
        return try DatasetRenderer(dataset, template: CompiledTemplate(template))
            .render(rows(of: dataset.source.text), validation: validation)
    }

    private static func rows(of path: String) -> RowSource {
        RowSource(name: path, path: Repository.root.appending(path: path).path(percentEncoded: false))
    }
}
