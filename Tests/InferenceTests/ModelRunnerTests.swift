//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Artifacts
import FtopsTestSupport
import Inference
import POSIX
import Resources
import Runs
import Testing

@Suite("Running models, with a quick trainer")
struct ModelRunnerTests {
    let scratch: ScratchFolder

    init() throws { scratch = try ScratchFolder() }

    private func runner(adding others: [String: String] = [:]) -> ModelRunner {
        ModelRunner(
            launcher: TrainerLauncher(
                path: QuickTrainer.launch,
                environment: QuickTrainer.environment(scratch, adding: others)
            ),
            store: ArtifactStore(folder: scratch.path("store")),
            cache: scratch.path("cache")
        )
    }

    private func version(_ runner: ModelRunner, source: BaseModel.NodeSource? = .path("/")) throws -> VersionRecord {
        let weights = try runner.store.put(Array("weights".utf8), name: "adapter_model.safetensors")
        let digest = weights.sha256
        let inputs = VersionRecord.Inputs(
            base: ResourceName(rawValue: "tiny"),
            baseIdentity: "tiny==1",
            baseSource: source,
            dataset: ResourceName(rawValue: "data"),
            source: "data.jsonl",
            sourceDigest: digest,
            train: digest,
            trainRows: 1,
            validation: nil,
            validationRows: 0,
            template: nil,
            form: .text("{text}"),
            stop: ["#"],
            parameters: [:]
        )
        return VersionRecord(
            id: digest,
            model: ModelName(owner: "acme", name: "tiny"),
            fineTunes: [],
            fingerprint: try #require(Fingerprint(rawValue: "v1-" + digest.rawValue)),
            trainer: 1,
            commit: "",
            run: "",
            backend: .node,
            started: Timestamp(seconds: 0),
            ended: Timestamp(seconds: 1),
            cost: Money(micros: 0),
            attempts: 1,
            inputs: inputs,
            training: .init(steps: 1, tokens: 1, seconds: 1, device: "cpu", dtype: "float32", threads: 1),
            losses: [],
            weights: [weights],
            software: [:]
        )
    }

    @Test("streams the answers of base and version, which differ")
    func compares() throws {
        let runner = runner()
        let request = try runner.request(
            version(runner),
            prompts: [.text("one"), .text("two")],
            sampling: .init(maxNewTokens: 4),
            alsoBase: true,
            repository: "/repository"
        )
        #expect(request.stop == ["#"])
        #expect(request.dtype == "float32")
        var streamed = ""
        let answers = try runner.generate(request, onPiece: { streamed += $0.text }, isCancelled: { false })
        #expect(answers.map(\.model) == ["base", "base", "version", "version"])
        #expect(answers.map(\.prompt) == [0, 1, 0, 1])
        #expect(answers.map(\.tokens) == [4, 4, 4, 4])
        #expect(answers.allSatisfy { $0.reason == .length })
        #expect(Set(answers.map(\.text)).count == 4)
        #expect(streamed == answers.map(\.text).joined())
        #expect(try runner.generate(request, isCancelled: { false }) == answers)
    }

    @Test("stops where the request says")
    func stops() throws {
        let runner = runner()
        let base = TrainerBase(source: .path("/"), name: "tiny")
        let models = [GenerationRequest.Subject(name: "base", adapter: nil)]
        let whole = try runner.generate(
            GenerationRequest(base: base, models: models, prompts: [.text("p")], threads: 1),
            isCancelled: { false }
        )
        let word = try #require(whole.first?.text.split(separator: " ").last.map(String.init))
        let cut = try runner.generate(
            GenerationRequest(base: base, models: models, prompts: [.text("p")], stop: [word], threads: 1),
            isCancelled: { false }
        )
        #expect(cut.first?.reason == .stop)
        #expect(cut.first?.text.contains(word) == false)
    }

    @Test("gives what there is when it is cancelled, and leaves no process")
    func cancels() throws {
        let runner = runner(adding: ["FTOPS_QUICK_TOKEN_SECONDS": "0.05"])
        let base = TrainerBase(source: .path("/"), name: "tiny")
        let request = GenerationRequest(
            base: base,
            models: [.init(name: "base", adapter: nil)],
            prompts: (1...2000).map { .text("prompt \($0)") },
            threads: 1
        )
        var pieces = 0
        let answers = try runner.generate(request, onPiece: { _ in pieces += 1 }, isCancelled: { pieces >= 3 })
        #expect(answers.last?.reason == .cancelled)
        #expect(answers.count < 100)
        #expect(answers.first?.text.isEmpty == false)
    }

    @Test(
        "answers on a GPU that is free, else on the CPU, and sees nothing else",
        arguments: [
            ([Device.cpu], [Device](), "cpu ", false),
            ([.gpu("GPU-a"), .gpu("GPU-b")], [], "cuda GPU-a", false),
            ([.gpu("GPU-a"), .gpu("GPU-b")], [.gpu("GPU-a")], "cuda GPU-b", false),
            ([.gpu("GPU-a"), .gpu("GPU-b")], [.gpu("GPU-b"), .gpu("GPU-a")], "cpu ", true),
            ([.cpu], [.cpu], "cpu ", false),
        ]
    )
    func devices(of machine: [Device], held: [Device], sees: String, isCrowded: Bool) throws {
        let folder = try DeviceLock.folder(environment: ["FTOPS_DEVICE_LOCKS": scratch.path("devices")])
        let others = try held.map { try #require(try DeviceLock.tryAcquire(oneOf: [$0], in: folder)) }
        let place = try GenerationPlace.take(oneOf: machine, in: folder)
        #expect(place.isCrowded == isCrowded)
        let request = GenerationRequest(
            base: TrainerBase(source: .path("/"), name: "tiny"),
            models: [.init(name: "base", adapter: nil)],
            prompts: [.text("p")],
            threads: 1
        )
        let runner = runner(adding: ["FTOPS_QUICK_ECHO": "device"])
        let answers = try runner.generate(request, on: place, isCancelled: { false })
        #expect(answers.map(\.text) == [sees])
        if let device = place.lock?.device {
            #expect(try DeviceLock.tryAcquire(oneOf: [device], in: folder) == nil)
        }
        withExtendedLifetime((others, place)) {}
    }

    @Test("keeps its GPU while the trainer answers, and no longer")
    func holdsTheDevice() throws {
        let folder = try DeviceLock.folder(environment: ["FTOPS_DEVICE_LOCKS": scratch.path("devices")])
        let gpus = [Device.gpu("GPU-a")]
        let request = GenerationRequest(
            base: TrainerBase(source: .path("/"), name: "tiny"),
            models: [.init(name: "base", adapter: nil)],
            prompts: [.text("p")],
            threads: 1
        )
        var wasHeld: [Bool] = []
        func answer() throws {
            _ = try runner().generate(
                request,
                on: GenerationPlace.take(oneOf: gpus, in: folder),
                onPiece: { _ in wasHeld.append((try? DeviceLock.tryAcquire(oneOf: gpus, in: folder)) == nil) },
                isCancelled: { false }
            )
        }
        try answer()
        #expect(!wasHeld.isEmpty && wasHeld.allSatisfy { $0 })
        #expect(try DeviceLock.tryAcquire(oneOf: gpus, in: folder) != nil)
    }

    @Test("says why the trainer could not answer")
    func fails() throws {
        let runner = runner()
        let request = GenerationRequest(
            base: TrainerBase(source: .path("/"), name: "tiny"),
            models: [.init(name: "version", adapter: "/none")],
            prompts: [.text("p")],
            threads: 1
        )
        let error = #expect(throws: InferenceError.self) { try runner.generate(request, isCancelled: { false }) }
        #expect(error?.message.contains("/none") == true)
    }

    @Test("refuses a version whose base or weights cannot be found")
    func refusals() throws {
        let runner = runner()
        let homeless = try version(runner, source: nil)
        #expect(throws: InferenceError.self) {
            try runner.request(homeless, prompts: [], sampling: .init(), repository: "/")
        }
        let version = try version(runner)
        try Folder.remove(runner.store.path)
        #expect(throws: ArtifactError.self) {
            try runner.request(version, prompts: [], sampling: .init(), repository: "/")
        }
    }
}
