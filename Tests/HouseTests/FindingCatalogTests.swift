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

    @Test("of warnings are those that Project may silence or deny")
    func warnings() throws {
        let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Sources")
        var given: Set<String> = []
        for folder in ["Planning", "Reconciler"].map({ sources.appending(path: $0) }) {
            let files = try #require(FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil))
            for case let file as URL in files where file.pathExtension == "swift" {
                let text = try String(contentsOf: file, encoding: .utf8)
                let isOfWarnings = file.lastPathComponent.hasSuffix("Warnings.swift")
                for match in text.matches(of: #/(?:Diagnostic|finding)\(\s*"([a-z]+(?:-[a-z]+)+)"/#) {
                    let call = text[match.range.upperBound...].prefix(400).components(separatedBy: "\n        )")[0]
                    if isOfWarnings || call.contains("severity: .warning") { given.insert(String(match.1)) }
                }
            }
        }
        // What is said of a comparison with a base is about no training that could be blocked.
        #expect(given.subtracting(["base-moved", "base-unrelated"]).sorted() == FindingCatalog.warnings)
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
