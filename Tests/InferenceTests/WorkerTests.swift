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

@Suite("Asking a worker, with a quick trainer")
struct WorkerTests {
    let scratch: ScratchFolder

    init() throws { scratch = try ScratchFolder() }

    private func runner(_ kind: String?, adding others: [String: String] = [:]) -> ModelRunner {
        let serving = kind.map { ["FTOPS_QUICK_SERVE": $0] } ?? [:]
        return ModelRunner(
            launcher: TrainerLauncher(
                path: QuickTrainer.launch,
                environment: QuickTrainer.environment(scratch, adding: serving.merging(others) { $1 })
            ),
            store: ArtifactStore(folder: scratch.path("store")),
            cache: scratch.path("cache")
        )
    }

    private func request(_ prompts: [String] = ["one", "two"], base: String = "/") -> GenerationRequest {
        GenerationRequest(
            base: TrainerBase(source: .path(base), name: "tiny"),
            models: [.init(name: "base", adapter: nil)],
            prompts: prompts.map { .text($0) },
            threads: 1
        )
    }

    /// The processes that answered, one for each time.
    private var served: [String] { scratch.lines("quick.log").filter { $0.hasPrefix("served ") } }

    private var workers: [String] { get throws { try Folder.names(in: scratch.path("cache/workers")) } }

    @Test("gets from the same process each time what a process of its own would say")
    func warm() throws {
        let cold = try runner(nil).generate(request(), isCancelled: { false })
        #expect(served.isEmpty)
        for _ in 1...3 {
            var streamed = ""
            let runner = runner("1")
            let warm = try runner.generate(request(), onPiece: { streamed += $0.text }, isCancelled: { false })
            #expect(warm == cold)
            #expect(streamed == cold.map(\.text).joined())
        }
        #expect(served.count == 3 && Set(served).count == 1)
    }

    @Test("has one for each base and type, and for a trainer that is another")
    func apart() throws {
        var other = request(base: "/tmp")
        var ask = { (request: GenerationRequest, place: GenerationPlace) in
            _ = try runner("1").generate(request, on: place, isCancelled: { false })
        }
        try ask(request(), .cpu)
        try ask(request(["three"]), .cpu)
        #expect(try workers.count == 1)
        try ask(other, .cpu)
        other.dtype = "bfloat16"
        try ask(other, .cpu)
        #expect(try workers.count == 3)
        for name in ["launch", "worker.py"] {
            try scratch.write(
                String(decoding: FileContents.read(QuickTrainer.folder + "/" + name), as: UTF8.self),
                to: name
            )
        }
        try Folder.setPermissions(scratch.path("launch"), 0o755)
        ask = { request, place in
            let launcher = TrainerLauncher(path: scratch.path("launch"), environment: runner("1").launcher.environment)
            let runner = ModelRunner(launcher: launcher, store: runner("1").store, cache: scratch.path("cache"))
            _ = try runner.generate(request, on: place, isCancelled: { false })
        }
        try ask(request(), .cpu)
        #expect(try workers.count == 4)
        try scratch.write(try #require(scratch.read("worker.py")) + "\n", to: "worker.py")
        try ask(request(), .cpu)
        #expect(try workers.count == 5)
        #expect(Set(served).count == 5)
    }

    @Test("leaves a GPU to a process of its own, which ends with the lock")
    func device() throws {
        let folder = try DeviceLock.folder(environment: ["FTOPS_DEVICE_LOCKS": scratch.path("devices")])
        let gpus = [Device.gpu("GPU-a")]
        let runner = runner("1", adding: ["FTOPS_QUICK_ECHO": "device"])
        for _ in 1...2 {
            var wasHeld: [Bool] = []
            let answers = try runner.generate(
                request(["p"]),
                on: GenerationPlace.take(oneOf: gpus, in: folder),
                onPiece: { _ in wasHeld.append((try? DeviceLock.tryAcquire(oneOf: gpus, in: folder)) == nil) },
                isCancelled: { false }
            )
            #expect(answers.map(\.text) == ["cuda GPU-a"])
            #expect(!wasHeld.isEmpty && wasHeld.allSatisfy { $0 })
            #expect(try DeviceLock.tryAcquire(oneOf: gpus, in: folder) != nil)
        }
        #expect(served.isEmpty)
    }

    @Test("leaves its answer where it is cancelled, and the next one is answered")
    func cancels() throws {
        let runner = runner("1", adding: ["FTOPS_QUICK_TOKEN_SECONDS": "0.02"])
        var pieces = 0
        let long = request((1...20).map { "prompt \($0)" })
        let answers = try runner.generate(long, onPiece: { _ in pieces += 1 }, isCancelled: { pieces >= 3 })
        #expect(answers.last?.reason == .cancelled && answers.count < 20)
        #expect(try runner.generate(request(["one"]), isCancelled: { false }).map(\.reason) == [.length])
    }

    @Test("asks a process of its own what the worker could not answer")
    func fails() throws {
        let cold = try runner(nil).generate(request(), isCancelled: { false })
        #expect(try runner("fails").generate(request(), isCancelled: { false }) == cold)
        #expect(served.count == 1)
    }

    @Test("does without a worker that dies before it says anything, is not wanted, or cannot be")
    func plain() throws {
        let cold = try runner(nil).generate(request(), isCancelled: { false })
        #expect(try runner("dies").generate(request(), isCancelled: { false }) == cold)
        #expect(served.count == 1)
        let without = runner("1", adding: ["FTOPS_WORKER_IDLE": "0"])
        #expect(try without.generate(request(), isCancelled: { false }) == cold)
        try Folder.remove(scratch.path("cache"))
        try scratch.write("no folder", to: "cache")
        #expect(try runner("1").generate(request(), isCancelled: { false }) == cold)
        #expect(served.count == 1)
    }

    @Test("trusts no worker in a folder that others may write to")
    func open() throws {
        let cold = try runner("1").generate(request(), isCancelled: { false })
        let folder = scratch.path("cache/workers/" + (try #require(workers.first)))
        try Folder.setPermissions(folder, 0o777)
        #expect(try runner("1").generate(request(), isCancelled: { false }) == cold)
        #expect(served.count == 1)
    }

    @Test("says so where a worker breaks off in the middle, or says what is no answer and never ends")
    func broken() throws {
        let error = #expect(throws: InferenceError.self) {
            try runner("breaks").generate(request(), isCancelled: { false })
        }
        #expect(error?.message.contains("ended in the middle") == true)
        let other = #expect(throws: InferenceError.self) {
            try runner("babbles").generate(request(base: "/tmp"), isCancelled: { false })
        }
        #expect(other?.message.contains("no part of an answer: blabla") == true)
    }

    @Test("starts another where the last one has ended, also by force")
    func again() throws {
        let runner = runner("1")
        let cold = try runner.generate(request(), isCancelled: { false })
        let process = try #require(served.first?.split(separator: " ").last.flatMap { Int32($0) })
        let identity = try #require(ProcessIdentity.of(process))
        ProcessGroup.end(grace: .zero) { identity.isAlive ? [identity] : [] }
        #expect(try runner.generate(request(), isCancelled: { false }) == cold)
        #expect(Set(served).count == 2)
    }

    @Test("sends a request that is longer than a socket holds")
    func long() throws {
        let text = String(repeating: "word ", count: 400_000)
        let cold = try runner(nil).generate(request([text]), isCancelled: { false })
        #expect(try runner("1").generate(request([text]), isCancelled: { false }) == cold)
        #expect(served.count == 1)
    }
}
