//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Foundation
import Resources
import Testing

@Suite("The codes of findings")
struct FindingCatalogTests {
    @Test("are all in the catalogue, so that ftops why explains them")
    func complete() throws {
        let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Sources")
        let files = try #require(FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil))
        var missing: Set<String> = []
        for case let file as URL in files where file.pathExtension == "swift" {
            let text = try String(contentsOf: file, encoding: .utf8)
            for match in text.matches(
                of: #/(?:Diagnostic\(\s*|: Self = |finding\(\s*|rows\(\s*)"([a-z]+(?:-[a-z]+)+)"/#
            ) {
                let code = String(match.1)
                let declares = text.contains("Diagnostic")
                if declares, FindingCatalog.entry(code) == nil {
                    missing.insert("\(code) in \(file.lastPathComponent)")
                }
            }
        }
        #expect(missing.isEmpty, "Sources/Resources/Findings/FindingCatalog+Entries.swift lacks them")
    }

    @Test("are told apart, in order, in plain sentences")
    func entries() {
        let codes = FindingCatalog.entries.map(\.code)
        #expect(codes == codes.sorted())
        #expect(Set(codes).count == codes.count)
        for entry in FindingCatalog.entries {
            for text in [entry.meaning, entry.cause, entry.remedy] { #expect(!text.isEmpty && !text.hasSuffix(".")) }
        }
    }
}
