//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Digest
import Resources
import Testing

@testable import Planning

@Suite("Fingerprint")
struct FingerprintTests {
    private static let base = FingerprintInputs(Samples.inputs())

    @Test("is v1- and the SHA-256 of the canonical JSON, defaults left out")
    func canonicalForm() {
        let rows = Samples.digest("rows").rawValue
        let validation = Samples.digest("validation").rawValue
        let inputs = FingerprintInputs(
            Samples.inputs(parameters: ["learning_rate": .number(2e-4), "num_train_epochs": .integer(3)])
        )
        let text =
            #"{"base":"gemma==1.0","parameters":{"learning_rate":0.0002,"num_train_epochs":3},"#
            + #""train":"\#(rows)","trainer":1,"validation":"\#(validation)"}"#
        #expect(inputs.canonicalText == text)
        #expect(inputs.fingerprint.rawValue == "v1-" + SHA256Digest.of(text).hex)
    }

    @Test("says null for no validation and nothing for defaults")
    func minimal() {
        let inputs = FingerprintInputs(base: "b", train: Samples.digest("x"), validation: nil, parameters: [:])
        let rows = Samples.digest("x").rawValue
        #expect(
            inputs.canonicalText == #"{"base":"b","parameters":{},"train":"\#(rows)","trainer":1,"validation":null}"#
        )
    }

    @Test(
        "stays for what cannot change weights",
        arguments: [
            ["learning_rate": .number(1e-4)], ["learning_rate": .number(0.0001)], ["lora_rank": .number(8)],
            ["weight_decay": .integer(0)], ["micro_batch_size": .integer(4)], ["save_steps": .integer(5)],
            ["logging_steps": .integer(10)], ["run_validation": .bool(false)], ["seed": .integer(42)],
            ["target_modules": .list(["all-linear"])], ["eval_steps": .integer(5)],
            ["validation_batch_size": .integer(1)], ["keep": .text("last")],
            ["eval_steps": .integer(5), "run_validation": .bool(false), "keep": .text("last")],
        ] as [[String: HyperparameterValue]]
    )
    func keeps(set: [String: HyperparameterValue]) {
        #expect(FingerprintInputs(Samples.inputs(parameters: set)).fingerprint == Self.base.fingerprint)
    }

    @Test(
        "changes with each parameter that can change weights",
        arguments: HyperparameterTable.fields.filter { $0.entry == .always && $0.isSupported }.map(\.name)
    )
    func changesByParameter(name: String) throws {
        let field = try #require(HyperparameterTable.field(name))
        let inputs = FingerprintInputs(Samples.inputs(parameters: [name: Self.unusual(field)]))
        #expect(inputs.fingerprint != Self.base.fingerprint)
    }

    private static let deciding: [[String: HyperparameterValue]] = [
        ["keep": .text("best")], ["early_stopping_patience": .integer(3)],
        ["keep": .text("best"), "early_stopping_patience": .integer(3)],
    ]

    @Test("knows when validation is measured where that decides the weights", arguments: deciding)
    func decidedByValidation(set: [String: HyperparameterValue]) {
        func print(_ others: [String: HyperparameterValue]) -> Fingerprint {
            FingerprintInputs(Samples.inputs(parameters: set.merging(others) { $1 })).fingerprint
        }
        let prints = [[:], ["eval_steps": .integer(5)], ["eval_steps": .integer(6)], ["run_validation": .bool(false)]]
            .map { print($0) }
        #expect(Set(prints + [Self.base.fingerprint]).count == 5)
        #expect(print(["run_validation": .bool(true), "eval_steps": .number(5)]) == prints[1])
        #expect(print(["validation_batch_size": .integer(2), "save_steps": .integer(1)]) == prints[0])
    }

    @Test("is for a record of an older release, which lacks newer parameters, what it was then")
    func olderRecords() {
        let older = HyperparameterTable.resolved([:]).all.filter { name, _ in !["use_rslora", "keep"].contains(name) }
        var inputs = Self.base
        inputs.parameters = ParameterValues(older)
        #expect(!inputs.parameters.hasDefaults)
        #expect(inputs.fingerprint == Self.base.fingerprint)
    }

    private static func unusual(_ field: HyperparameterField) -> HyperparameterValue {
        switch field.kind {
        case .bool: .bool(field.standard != .bool(true))
        case .integer(let range): .integer(range.upperBound)
        case .number(let range): .number(range.upperBound)
        case .choice(let choices, _): .text(choices.last { field.standard != .text($0) } ?? "")
        case .modules: .list(["q_proj"])
        case .text: .text("other")
        }
    }

    @Test("changes with base, rows, validation and trainer")
    func changes() {
        var inputs = [Self.base, Self.base, Self.base, Self.base, Self.base]
        inputs[1].base = "other"
        inputs[2].train = Samples.digest("other")
        inputs[3].validation = nil
        inputs[4].trainer = 2
        #expect(Set(inputs.map(\.fingerprint)).count == inputs.count)
    }

    @Test("takes modules as a set, however they are spelled")
    func modules() {
        let texts: [HyperparameterValue] = [
            .text("q_proj,v_proj"), .text("v_proj, q_proj"), .list(["v_proj", "q_proj"]), .list(["q_proj", "v_proj"]),
        ]
        let prints = texts.map { FingerprintInputs(Samples.inputs(parameters: ["target_modules": $0])).fingerprint }
        #expect(Set(prints).count == 1)
    }
}

@Suite("Identities")
struct IdentityTests {
    private let name = ResourceName(rawValue: "base")

    @Test("a base is the first of identity, hub id, package, files and Replicate version")
    func bases() throws {
        let revision = String(repeating: "a", count: 40)
        let files = Samples.digest("files")
        let replicate = BaseModel.Replicate(version: "meta/llama:" + String(repeating: "b", count: 64))
        func node(_ source: BaseModel.NodeSource) -> BaseModel {
            BaseModel(node: BaseModel.Node(source: source), replicate: replicate)
        }
        var named = node(.path("base"))
        named.identity = "mine"
        #expect(try BaseIdentity.of(named, named: name) == "mine")
        let hub = node(.huggingFace(id: "meta-llama/Llama-2-7b-hf", revision: revision))
        #expect(try BaseIdentity.of(hub, named: name) == "meta-llama/Llama-2-7b-hf@\(revision)")
        #expect(try BaseIdentity.of(node(.python(package: "gemma", version: "1.0")), named: name) == "gemma==1.0")
        #expect(try BaseIdentity.of(node(.path("base")), named: name, files: files) == files.rawValue)
        #expect(try BaseIdentity.of(BaseModel(replicate: replicate), named: name) == replicate.version)
    }

    @Test("a base without a source, and a folder without its files, is an error that says what to add")
    func baseErrors() {
        let folder = BaseModel(node: BaseModel.Node(source: .path("base")))
        #expect(throws: PlanningError.self) { try BaseIdentity.of(folder, named: name) }
        let error = #expect(throws: PlanningError.self) { try BaseIdentity.of(BaseModel(), named: name) }
        #expect(error?.code == .baseWithoutIdentity)
        #expect(error?.message.contains("base model base has no source") == true)
    }

    @Test("weights are digested by name, whatever their order")
    func weights() {
        let first = VersionRecord.File(name: "a", size: 1, sha256: Samples.digest("a"))
        let second = VersionRecord.File(name: "b", size: 2, sha256: Samples.digest("b"))
        #expect(VersionIdentity.weightsDigest([first, second]) == VersionIdentity.weightsDigest([second, first]))
        let text =
            #"[{"name":"a","sha256":"\#(first.sha256)","size":1},"#
            + #"{"name":"b","sha256":"\#(second.sha256)","size":2}]"#
        #expect(VersionIdentity.weightsDigest([second, first]).rawValue == SHA256Digest.of(text).hex)
    }

    @Test("a version's id is the SHA-256 of fingerprint, line feed and weights' digest")
    func versions() {
        let fingerprint = FingerprintInputs(Samples.inputs()).fingerprint
        let text = "\(fingerprint)\n\(VersionIdentity.weightsDigest([]))"
        #expect(VersionIdentity.id(fingerprint: fingerprint, weights: []).rawValue == SHA256Digest.of(text).hex)
    }

    @Test("an evaluation's digest knows prompts and metrics, not the order of metrics")
    func evaluations() {
        let prompts = [["a": "1"], ["a": "2"]]
        let one = Evaluation(prompts: prompts, metrics: [.loss, .exactMatch])
        #expect(one.digest == Evaluation(prompts: prompts, metrics: [.exactMatch, .loss]).digest)
        #expect(one.digest != Evaluation(prompts: prompts.reversed(), metrics: [.loss, .exactMatch]).digest)
        #expect(one.digest != Evaluation(prompts: prompts, metrics: [.loss]).digest)
    }
}
