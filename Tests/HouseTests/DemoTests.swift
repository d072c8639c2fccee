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

@Suite("The demo")
struct DemoTests {
    @Test("has manifests without any finding")
    func manifestsAreSound() throws {
        let result = try load()
        #expect(result.diagnostics.isEmpty)
        #expect(result.state.fineTunes.count == 1)
    }

    @Test("renders 240 rows, 30 of which are held out")
    func rendersRows() throws {
        let state = try load().state
        let fineTune = try #require(state.fineTunes[ResourceName(rawValue: "support-records")]?.spec)
        let rendered = try RepositoryManifests.render(fineTune, of: state)
        #expect(rendered.train.count == 210)
        #expect(rendered.validation?.count == 30)
    }

    @Test("has a record in every row, of the words that the model is to learn")
    func recordsAreSound() throws {
        let rows = try self.rows()
        #expect(Set(rows.map(\.message)).count == 240)
        for row in rows {
            let record = try Record(row.record)
            #expect(row.message.lowercased().contains(record.item), "\(row.message)")
            #expect(row.message.contains(String(record.order)), "\(row.message)")
        }
    }

    @Test("asks 20 messages typed by hand, none of them a row")
    func promptsAreTheirOwn() throws {
        let fineTune = try load().state.fineTunes[ResourceName(rawValue: "support-records")]
        let prompts = try #require(fineTune?.spec.evaluation?.prompts)
        let known = Set(try rows().map(\.message))
        #expect(prompts.count == 20)
        for prompt in prompts {
            let message = try #require(prompt["message"])
            let record = try Record(#require(prompt["record"]))
            #expect(message.lowercased().contains(record.item), "\(message)")
            #expect(!known.contains(message), "\(message)")
        }
    }

    @Test("is shown in the README by manifests that are right")
    func readmeIsRight() throws {
        let readme = try String(contentsOf: Repository.root.appending(path: "README.md"), encoding: .utf8)
        let yaml = try #require(readme.split(separator: "```yaml\n").dropFirst().first?.split(separator: "```").first)
        let result = ManifestLoader.load([ManifestFile(path: "manifests/readme.yaml", text: String(yaml))])
        #expect(result.diagnostics.isEmpty)
    }

    @Test("the example that takes SAMSum from the hub lacks nothing but its pin")
    func samsum() throws {
        let file = Repository.root.appending(path: ".docs/samsum.yaml")
        let text = try String(contentsOf: file, encoding: .utf8)
        let manifest = ManifestFile(path: "manifests/samsum.yaml", text: text)
        #expect(ManifestLoader.load([manifest]).diagnostics.map(\.id) == ["unpinned-source"])
        let line = "  source: hf://Samsung/samsum?split=train\n"
        let pin = "  sha256: \(String(repeating: "a", count: 64))\n"
        let pinned = text.replacingOccurrences(of: line, with: line + pin)
        let result = ManifestLoader.load([ManifestFile(path: manifest.path, text: pinned)])
        #expect(result.diagnostics.isEmpty && result.state.fineTunes.count == 1)
        var editor = ManifestEditor(manifest)
        #expect(editor.format().isEmpty && editor.file == manifest)
    }

    /// A row of the dataset.
    private struct Row: Decodable {
        let message: String
        let record: String
    }

    /// What the model is to answer with.
    private struct Record: Decodable {
        enum Fault: String, Decodable { case dead, damaged, noisy, incomplete, late, wrong }
        enum Wish: String, Decodable { case replace, refund, repair, send }

        let order: Int
        let item: String
        let fault: Fault
        let wants: Wish

        init(_ json: String) throws { self = try JSONDecoder().decode(Record.self, from: Data(json.utf8)) }
    }

    private func rows() throws -> [Row] {
        let text = try String(contentsOf: Repository.root.appending(path: "datasets/support.jsonl"), encoding: .utf8)
        return try text.split(separator: "\n").map { try JSONDecoder().decode(Row.self, from: Data($0.utf8)) }
    }

    private func load() throws -> ManifestResult { ManifestLoader.load(try RepositoryManifests.demo()) }
}
