//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Foundation
import Testing

@Suite("The environment's variables")
struct EnvironmentTests {
    private func text(_ path: String) throws -> String {
        try String(contentsOf: Repository.root.appending(path: path), encoding: .utf8)
    }

    private func variables(in text: String) -> Set<String> {
        Set(text.matches(of: /\bFTOPS_[A-Z_]*[A-Z]\b/).map { String($0.output) })
    }

    @Test("are all described in one place, where nothing is described that nobody reads")
    func described() throws {
        let trainer = try text("Tests/quick-trainer/launch")
        let texts = (Repository.sources(under: "Sources") + Repository.sources(under: "Tests")).map(\.text)
        let scripts = try [".ci/run", ".make/demo", ".make/examples", "Makefile"].map(text)
        let read = (texts + scripts + [trainer]).reduce(into: Set<String>()) { $0.formUnion(variables(in: $1)) }
        let described = variables(in: try text(".docs/environment.md"))
        // The quick trainer lists its own at its top.
        let quick = variables(in: trainer.components(separatedBy: "\"\"\"")[1])
        #expect(read.subtracting(described).subtracting(quick).sorted() == [])
        #expect(described.subtracting(read).sorted() == [])
    }
}
