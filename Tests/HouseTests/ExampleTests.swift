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

@Suite("The manifests of this repository")
struct ExampleTests {
    static let tasks = ["railway", "ships-log", "summarizer", "town-desk", "workshop"]

    @Test("have no finding, the examples beside the demo")
    func sound() throws {
        let result = ManifestLoader.load(try RepositoryManifests.files())
        #expect(result.diagnostics.isEmpty)
        let names = Set(result.state.fineTunes.keys.map(\.rawValue))
        #expect(names == Set(Self.tasks + Self.tasks.map { "\($0)-llama" } + ["support-records"]))
    }

    @Test("render hundreds of rows, and hold some out, in each example", arguments: tasks)
    func rendersRows(task: String) throws {
        let state = ManifestLoader.load(try RepositoryManifests.files()).state
        for name in [task, "\(task)-llama"] {
            let fineTune = try #require(state.fineTunes[ResourceName(rawValue: name)]?.spec)
            let rendered = try RepositoryManifests.render(fineTune, of: state)
            let heldOut = try #require(rendered.validation?.count)
            #expect((200...400).contains(rendered.train.count + heldOut) && heldOut >= 20, "\(name)")
        }
    }

    @Test("train the guide's Llama 2 nowhere until somebody can", arguments: tasks)
    func llama(task: String) throws {
        let state = ManifestLoader.load(try RepositoryManifests.files()).state
        let small = try #require(state.fineTunes[ResourceName(rawValue: task)]?.spec)
        let large = try #require(state.fineTunes[ResourceName(rawValue: "\(task)-llama")]?.spec)
        #expect(small.suspension == nil && small.base.rawValue == "gemma-3-270m")
        #expect(large.suspension != nil && large.base.rawValue.hasPrefix("llama-2-7b"))
        #expect(large.dataset == small.dataset)
    }

    @Test("ask prompts typed by hand, which no row has", arguments: tasks)
    func promptsAreTheirOwn(task: String) throws {
        let state = ManifestLoader.load(try RepositoryManifests.files()).state
        let fineTune = try #require(state.fineTunes[ResourceName(rawValue: task)]?.spec)
        let prompts = try #require(fineTune.evaluation?.prompts)
        #expect((8...12).contains(prompts.count))
        let field = try #require(Self.asked[task])
        let known = Set(try rows(of: fineTune.dataset.rawValue).compactMap { $0[field] })
        for prompt in prompts {
            let text = try #require(prompt[field])
            #expect(!known.contains(text), "\(text)")
        }
    }

    /// The field that a model is asked.
    static let asked = [
        "railway": "question", "ships-log": "plain", "summarizer": "dialogue", "town-desk": "message",
        "workshop": "conversation",
    ]

    private func rows(of dataset: String) throws -> [[String: String]] {
        let folder = Repository.root.appending(path: "datasets/examples")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path(percentEncoded: false))
        let files = names.filter { $0 == "\(dataset).jsonl" || $0 == "\(dataset)-validation.jsonl" }
        try #require(!files.isEmpty)
        return try files.flatMap { name in
            try String(contentsOf: folder.appending(path: name), encoding: .utf8).split(separator: "\n")
                .map { try JSONDecoder().decode([String: String].self, from: Data($0.utf8)) }
        }
    }
}
