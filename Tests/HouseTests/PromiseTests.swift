//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Foundation
import Testing

@Suite("What a training promises")
struct PromiseTests {
    /// The names of tests in a row of the page, of which the last column has them.
    private static func tests(in row: Substring) -> [String] {
        let cells = row.split(separator: "|")
        guard let last = cells.last, cells.count == 2 else { return [] }
        return last.matches(of: /`([^`]+)`/).map { String($0.1) }
    }

    @Test("is held by tests that are there, line by line")
    func held() throws {
        let page = try String(contentsOf: Repository.root.appending(path: ".docs/training.md"), encoding: .utf8)
        let rows = page.split(separator: "\n").filter { $0.hasPrefix("| ") && !$0.hasPrefix("| promise") }
        #expect(rows.count > 20)
        let swift = Set(Repository.sources(under: "Tests").flatMap { Self.titles($0.text) })
        let python = try Self.functions()
        for row in rows {
            let tests = Self.tests(in: row)
            #expect(!tests.isEmpty, "\(row)")
            for test in tests { #expect(swift.contains(test) || python.contains(test), "there is no test \(test)") }
        }
    }

    private static func titles(_ text: String) -> [String] {
        text.matches(of: /@Test\(\s*"((?:[^"\\]|\\.)+)"/).map { String($0.1) }
    }

    private static func functions() throws -> Set<String> {
        let folder = Repository.root.appending(path: "Tests/trainer")
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        let texts = try files.filter { $0.pathExtension == "py" }.map { try String(contentsOf: $0, encoding: .utf8) }
        return Set(texts.flatMap { $0.matches(of: /\ndef (test_\w+)\(/).map { String($0.1) } })
    }
}
