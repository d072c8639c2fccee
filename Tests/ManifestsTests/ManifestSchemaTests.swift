//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Foundation
import FtopsTestSupport
import JSON
import Manifests
import Resources
import Testing
import YAML

@Suite("The schema of manifests, read by the package jsonschema")
struct ManifestSchemaTests {
    /// What a schema of one document cannot say.
    private static let beyond: [Diagnostic.ID: String] = [
        "dangling-reference": "names of other documents",
        "duplicate-key": "a reader of YAML keeps one of the two",
        "duplicate-name": "names of other documents",
        "duplicate-project": "other documents",
        "needs-validation": "other documents, and a profile",
        "reference-cycle": "other documents",
    ]

    /// Documents that the schema takes although they are wrong, or refuses although they are right, and why.
    private static let exceptions: [String: String] = [
        "manifests/chunk-size-and-context.yaml[2]": "the context stands in another document",
        "manifests/chunk-size-and-context.yaml[4]": "the context stands in another document",
        "manifests/chunk-size-and-context.yaml[7]": "the context stands in another document",
        "manifests/dataset-mix.yaml[3]": "weights for some and not for others",
        "manifests/dataset-mix.yaml[6]": "one dataset with two weights",
        "manifests/duplicate-key.yaml[0]": "of two kinds a reader keeps the other one",
        "manifests/hyperparameter-modules.yaml[0]": "names in one text, with commas between them, may repeat",
        "manifests/hyperparameter-of-an-adapter.yaml[2]": "the FineTune that uses the profile decides",
        "manifests/hyperparameter-of-an-adapter.yaml[4]": "a profile may say what else is set",
        "manifests/hyperparameter-of-an-adapter.yaml[6]": "the method of another document decides",
        "manifests/hyperparameter-without-packs.yaml[2]": "the FineTune that uses the profile decides",
        "manifests/hyperparameter-without-packs.yaml[5]": "a profile may say what else is set",
        "manifests/sweep-references.yaml[2]": "the context stands in another document",
        "manifests/sweep.yaml[5]": "a schema does not multiply",
        "manifests/sweep.yaml[6]": "a schema does not multiply",
        "manifests/sweep.yaml[9]": "what the sweep goes over decides",
        "manifests/variants.yaml[3]": "a `null` that is meant as a text",
    ]

    /// A document of a fixture, with what ftops finds wrong with it.
    private struct Example {
        var name: String
        var document: JSONValue
        var findings: [Diagnostic]
    }

    private func examples(of file: ManifestFile) throws -> [Example] {
        guard let documents = try? YAMLReader.documents(file.bytes) else { return [] }
        let findings = ManifestLoader.load([file]).diagnostics
        return try documents.enumerated().map { index, node in
            let next = index + 1 < documents.count ? documents[index + 1].start.line : Int.max
            let own = findings.filter { (node.start.line..<next).contains($0.range?.start.line ?? 0) }
            return Example(name: "\(file.path)[\(index)]", document: try Self.json(node), findings: own)
        }
    }

    /// A node as an editor's reader hands it to a schema.
    private static func json(_ node: YAMLNode) throws -> JSONValue {
        switch node.content {
        case .sequence(let elements): return .array(try elements.map(json))
        case .mapping(let pairs):
            var object = JSONObject()
            for pair in pairs { object[pair.key.scalar?.text ?? "{}"] = try json(pair.value) }
            return .object(object)
        case .scalar(let scalar):
            switch CoreSchema.value(of: scalar) {
            case .null: return .null
            case .bool(let value): return .bool(value)
            case .int(let value): return .int(value)
            case .double(let value): return .double(value)
            default: return .string(scalar.text)
            }
        }
    }

    /// What the package says of each document: nothing where it is right.
    private func verdicts(_ documents: [JSONValue]) throws -> [String] {
        let folder = try ScratchFolder()
        let lines = ([ManifestSchema.document] + documents).map { JSONText.compact($0) + "\n" }
        try folder.write(lines.joined(), to: "documents.jsonl")
        try folder.write(Self.script, to: "check.py")
        let command = """
            exec "$(Sources/trainer/launch environment)" '\(folder.path("check.py"))' '\(folder.path("documents.jsonl"))'
            """
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = ["-c", command]
        process.currentDirectoryURL = Scenario.package
        process.standardOutput = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
    }

    private static let script = """
        import json, sys
        from jsonschema import Draft202012Validator

        schema, *documents = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
        Draft202012Validator.check_schema(schema)
        validator = Draft202012Validator(schema)
        for document in documents:
            print("; ".join(f"{list(e.absolute_path)}: {e.message}"[:200] for e in validator.iter_errors(document)))
        """

    private func check(_ examples: [Example]) throws {
        try #require(!examples.isEmpty)
        let verdicts = try verdicts(examples.map(\.document))
        try #require(verdicts.count == examples.count)
        for (example, verdict) in zip(examples, verdicts) {
            let isWrong = example.findings.contains { Self.beyond[$0.id] == nil }
            let isException = Self.exceptions[example.name] != nil
            let found = example.findings.map(\.message)
            #expect((isWrong != isException) == !verdict.isEmpty, "\(example.name) \(found): \(verdict)")
        }
    }

    @Test("takes every manifest of this repository, of init and of the reference page")
    func own() throws {
        let folder = Scenario.package.appending(path: "manifests")
        var files = RepositoryTemplate.files.filter { $0.path.hasSuffix(".yaml") }
        let names = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
        for name in names.filter({ $0.hasSuffix(".yaml") }).sorted() {
            let text = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
            files.append(ManifestFile(path: "manifests/\(name)", text: text))
        }
        for (index, part) in ReferencePage.text.components(separatedBy: "```yaml\n").dropFirst().enumerated() {
            let text = part.components(separatedBy: "```")[0]
            files.append(ManifestFile(path: "reference/\(index)", text: text))
        }
        try check(try files.flatMap(examples))
    }

    @Test("takes the good fixtures, and refuses the bad ones but for what no schema can say")
    func fixtures() throws {
        try check(try (MarkedFixture.all("good") + MarkedFixture.all("bad")).flatMap { try examples(of: $0.file) })
    }
}
