//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Datasets
import Foundation
import Resources
import Testing

/// Each file of `Fixtures/BadRows` has beside it the findings that it must give. With `FTOPS_RECORD=1` in the
/// environment they are written anew, to be read before they are committed.
@Suite("Rows that cannot be used")
struct BadRowTests {
    private static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().appendingPathComponent("Fixtures/BadRows")

    private static let names: [String] =
        (try? FileManager.default.contentsOfDirectory(atPath: folder.path))?
        .filter { $0.hasSuffix(".jsonl") }.map { String($0.dropLast(6)) }.sorted() ?? []

    @Test("are there at all")
    func fixtures() { #expect(Self.names.count >= 15) }

    @Test("are told with file, line and reason", arguments: names)
    func findings(_ name: String) throws {
        let bytes = [UInt8](try Data(contentsOf: Self.folder.appendingPathComponent("\(name).jsonl")))
        let expected = Self.folder.appendingPathComponent("\(name).expected")
        let made = try Self.findings(of: RowSource(name: "datasets/\(name).jsonl", bytes: bytes), name)
        if ProcessInfo.processInfo.environment["FTOPS_RECORD"] == "1" {
            try Data(made.utf8).write(to: expected)
        }
        let text = try String(contentsOf: expected, encoding: .utf8)
        #expect(made == text)
    }

    @Test("are the same findings when the file is read byte by byte", arguments: names)
    func chunks(_ name: String) throws {
        let path = Self.folder.appendingPathComponent("\(name).jsonl").path
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        let whole = try Self.findings(of: RowSource(name: name, bytes: bytes), name)
        for size in [1, 7] {
            let source = RowSource(name: name, path: path, chunkSize: size)
            #expect(try Self.findings(of: source, name) == whole)
        }
    }

    private static func findings(of source: RowSource, _ name: String) throws -> String {
        let form = Template.Form.promptCompletion(prompt: "{dialogue}\n\nSummary:", completion: "{summary}")
        let template = name.hasPrefix("template-") ? try CompiledTemplate(Template(form: form)) : nil
        let renderer = DatasetRenderer(Dataset(source: .path(source.name)), template: template)
        do throws(DatasetError) {
            _ = try renderer.render(source)
            return "no error\n"
        } catch {
            return error.diagnostics.map(text).joined() + "\n\(error.message)\n"
        }
    }

    private static func text(_ diagnostic: Diagnostic) -> String {
        var text = ""
        if let range = diagnostic.range { text = "\(range.file):\(range.start.line):\(range.start.column): " }
        text += "\(diagnostic.severity): \(diagnostic.message) [\(diagnostic.id.rawValue)]\n"
        if let line = diagnostic.sourceLine, let column = diagnostic.range?.start.column {
            text += "    \(line)\n    \(String(repeating: " ", count: column - 1))^\n"
        }
        return text + diagnostic.notes.map { "    note: \($0)\n" }.joined()
    }
}
