//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Resources
import Testing
import YAML

@testable import Manifests

@Suite("The tables of kinds")
struct KindTableTests {
    /// A document of a kind with every field that works, for one of the alternatives that its choices have; the field
    /// of one path has a value that nothing takes.
    private struct Sample {
        let alternative: Int
        let wrong: String?

        func document(_ kind: ResourceKind) -> String {
            let spec = mapping(KindTable.of(kind).spec, at: "spec.")
            return "apiVersion: ftops/v1\nkind: \(kind.rawValue)\nmetadata: {name: a, labels: {b: c}}\nspec: \(spec)\n"
        }

        /// The rows that may stand beside each other.
        func rows(_ table: MappingTable) -> [FieldRow] {
            var others: Set<String> = []
            if let choice = table.choice, choice.isExclusive {
                let chosen = choice.alternatives[alternative % choice.alternatives.count]
                others = Set(choice.alternatives.flatMap { $0 }).subtracting(chosen)
            }
            return table.rows.filter { row in
                let isAlias = HyperparameterTable.field(row.name).map { $0.name != row.name } ?? false
                let isStray = !row.goesWith.isEmpty && row.goesWith.allSatisfy(others.contains)
                return row.isSupported && !isAlias && !isStray && !others.contains(row.name)
            }
        }

        private func mapping(_ table: MappingTable, at path: String) -> String {
            "{" + rows(table).map { "\($0.name): \(value($0, at: path + $0.name))" }.joined(separator: ", ") + "}"
        }

        private func value(_ row: FieldRow, at path: String) -> String {
            if path == wrong { return Self.wrong(row.shape) }
            return row.only.map { $0.bool.map { "\($0)" } ?? $0.string ?? "" } ?? value(row.shape, at: path)
        }

        private static func wrong(_ shape: Shape) -> String {
            switch shape {
            case .list, .mapping, .texts, .table, .secret: "x"
            default: "[[]]"
            }
        }

        private func value(_ shape: Shape, at path: String) -> String {
            switch shape {
            case .text(let format): Self.text(format)
            case .bool: "true"
            case .integer(let range): "\(max(range.lowerBound, 1))"
            case .number: "0.5"
            case .size: "7B"
            case .memory: "24GB"
            case .money: "1.50"
            case .duration: "1h"
            case .choice(let words, _): words[0]
            case .reference: "a"
            case .list(let element): "[\(value(element, at: path))]"
            case .mapping(let table): mapping(table, at: path + ".")
            case .texts: "{a: b}"
            case .table(let element): "{a: \(value(element, at: path))}"
            case .secret: "{env: A}"
            case .either(let one, let other): value(other.mapping == nil ? one : other, at: path)
            }
        }

        private static func text(_ format: TextFormat) -> String {
            let hex = String(repeating: "a", count: 64)
            let samples: [TextFormat: String] = [
                .ownedName: "a/b", .digest: hex, .commit: String(hex.prefix(40)), .package: "a==1",
                .replicateVersion: "a/b:\(hex)", .ref: "refs/a/b", .time: "2026-12-01", .window: "22:00-06:00 UTC",
                .source: "https://a.org/b",
                .modules: "all-linear", .condition: "'>= base'",
            ]
            return samples[format] ?? "a"
        }

        /// The paths of all fields in it.
        func paths(_ table: MappingTable, at path: String) -> [String] {
            rows(table).flatMap { row in
                let inner = row.shape.mapping ?? row.shape.element?.mapping
                return [path + row.name] + (inner.map { paths($0, at: path + row.name + ".") } ?? [])
            }
        }
    }

    private func findings(_ sample: Sample, _ kind: ResourceKind) -> [Diagnostic] {
        let file = ManifestFile(path: "manifests/a.yaml", text: sample.document(kind))
        return ManifestLoader.load([file]).diagnostics.filter {
            ![.danglingReference, .referenceCycle].contains($0.id)
        }
    }

    @Test("have only fields that are taken as they say", arguments: ResourceKind.allCases, 0..<3)
    func taken(_ kind: ResourceKind, alternative: Int) {
        let sample = Sample(alternative: alternative, wrong: nil)
        let found = findings(sample, kind)
        #expect(found.isEmpty, "\(sample.document(kind))\(found.map(\.message))")
    }

    @Test("have only fields that somebody reads", arguments: ResourceKind.allCases, 0..<3)
    func read(_ kind: ResourceKind, alternative: Int) {
        let all = Sample(alternative: alternative, wrong: nil)
        for path in all.paths(KindTable.of(kind).spec, at: "spec.") {
            let sample = Sample(alternative: alternative, wrong: path)
            #expect(!findings(sample, kind).isEmpty, "nothing reads \(path): \(sample.document(kind))")
        }
    }

    @Test("have examples that are right, alone or together", arguments: ResourceKind.allCases)
    func examples(_ kind: ResourceKind) {
        let file = ManifestFile(path: "manifests/a.yaml", text: KindTable.of(kind).example)
        let found = ManifestLoader.load([file]).diagnostics.filter { $0.id != .danglingReference }
        #expect(found.isEmpty, "\(found.map(\.message))")
    }

    @Test("say each field once, in a sentence")
    func summaries() {
        func check(_ table: MappingTable) {
            #expect(Set(table.names).count == table.names.count, "\(table.names)")
            for row in table.rows {
                #expect(row.summary.hasSuffix("."), "\(row.name): \(row.summary)")
                if let inner = row.shape.mapping ?? row.shape.element?.mapping { check(inner) }
            }
        }
        check(KindTable.document)
        for kind in ResourceKind.allCases { check(KindTable.of(kind).spec) }
    }
}
