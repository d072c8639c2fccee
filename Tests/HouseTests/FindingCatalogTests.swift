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
    /// Errors whose codes are those of the findings that they become.
    private static let becomeFindings: Set<String> = ["DatasetError.swift", "DownloadError.swift"]

    @Test("become findings of no other error than those that are looked at")
    func errors() throws {
        var made: Set<String> = []
        for (file, text) in try Self.sources where text.contains(#/Diagnostic\.ID\(rawValue: (?:error\.)?code/#) {
            made.insert(file)
        }
        #expect(
            made == ["DatasetError.swift", "DatasetReader.swift", "SourceUpdate.swift"],
            "which codes do these make findings of?"
        )
    }

    @Test(
        "are known by the plan's words too",
        arguments: PlanWord.allCases
    )
    func words(_ word: PlanWord) { #expect(FindingCatalog.entry(word.rawValue) != nil) }

    /// What plan puts behind `blocked`, and other words of it that ask for an explanation.
    enum PlanWord: String, CaseIterable {
        case policy, budget, window, suspended, dependency, backend, orphaned, drifted, failed, unknown
    }

    private static var sources: [(file: String, text: String)] {
        get throws {
            let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent().appending(path: "Sources")
            let files = try #require(FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil))
            return try files.compactMap { $0 as? URL }.filter { $0.pathExtension == "swift" }
                .map { ($0.lastPathComponent, try String(contentsOf: $0, encoding: .utf8)) }
        }
    }

    @Test("are all in the catalogue, so that ftops why explains them")
    func complete() throws {
        var missing: Set<String> = []
        for (file, text) in try Self.sources {
            for match in text.matches(
                of: #/(?:Diagnostic\(\s*|: Self = |finding\(\s*|rows\(\s*|Code\(rawValue: )"([a-z]+(?:-[a-z]+)*)"/#
            ) {
                let code = String(match.1)
                let declares = text.contains("Diagnostic") || Self.becomeFindings.contains(file)
                if declares, FindingCatalog.entry(code) == nil {
                    missing.insert("\(code) in \(file)")
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
        // What is said of a comparison with a base is about no training that could be blocked, and a stranger silences
        // nothing that is said of what was not read.
        let others: Set = ["base-moved", "base-unrelated", "not-planned", "project-of-stranger"]
        #expect(given.subtracting(others).sorted() == FindingCatalog.warnings)
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
