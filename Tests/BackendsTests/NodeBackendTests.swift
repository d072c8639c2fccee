//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Backends
import FtopsTestSupport
import JSON
import POSIX
import Resources
import Runs
import Testing

@Suite("The node's backend, with a quick trainer")
struct NodeBackendTests {
    let scratch: ScratchFolder
    let folder: RunFolder

    init() throws {
        scratch = try ScratchFolder()
        folder = RunFolder(path: scratch.path("3f9c1a2b7d10"))
        try prepare(folder)
    }

    private func prepare(_ folder: RunFolder) throws {
        let job = Job(
            run: folder.id,
            fingerprint: try #require(Fingerprint(rawValue: "v1-" + String(repeating: "a", count: 64))),
            base: TrainerBase(source: .path("/"), name: "tiny"),
            hasValidation: false,
            parameters: ["lora_rank": .integer(8)],
            device: .cpu,
            threads: 1,
            evaluation: .init(
                metrics: ["exact_match"],
                prompts: [.init(prompt: "p", completion: "c", label: "1")],
                stop: [],
                maxNewTokens: 8,
                validationRows: 0
            )
        )
        let lock = try #require(try folder.tryLock())
        let train: (RowWriter) throws -> Void = { try $0.write(#"{"text":"a"}"#) }
        try folder.prepare(.init(job: job, context: [:], train: train, validation: nil), holding: lock)
    }

    private func node(
        steps: Int = 6,
        stepSeconds: Double = 0,
        adding others: [String: String] = [:],
        grace: Duration = .seconds(120)
    ) throws -> NodeBackend {
        let environment = QuickTrainer.environment(scratch, steps: steps, stepSeconds: stepSeconds, adding: others)
        return NodeBackend(
            launcher: TrainerLauncher(path: QuickTrainer.launch, environment: environment),
            devices: [.cpu],
            deviceFolder: try DeviceLock.folder(environment: ["FTOPS_DEVICE_LOCKS": scratch.path("devices")]),
            stopGrace: grace
        )
    }

    private func digest(of folder: RunFolder) throws -> ContentDigest {
        RunFolder.digest(of: try folder.outputFiles())
    }

    @Test("trains to the end, writes down that it did, and does not train again")
    func completes() throws {
        var events: [TimedEvent] = []
        let outcome = try node().carry(folder, notify: { if case .event(let event) = $0 { events.append(event) } }) {
            false
        }
        #expect(outcome == .completed(try digest(of: folder)))
        let done = try #require(try folder.readDone())
        #expect(done.outcome == .completed(try digest(of: folder)))
        #expect(done.exit == .exited(0))
        #expect(TrainingSummary(events).phase == .completed)
        #expect(try folder.summary().training?.steps == 6)
        #expect(try folder.readEvaluation(digest: digest(of: folder))?.version.promptsExactMatch?.correct == 1)
        #expect(folder.process(.trainer) != nil)
        #expect(try node().carry(folder, notify: { _ in Issue.record("nothing is to do") }) { false } == outcome)
        #expect(QuickTrainer.history(scratch) == ["started", "completed"])
    }

    @Test("does not train again where only the word of the end is missing")
    func outputWithoutDone() throws {
        let outcome = try node().carry(folder, notify: { _ in }) { false }
        try Folder.remove(folder.done)
        #expect(try node().carry(folder, notify: { _ in }) { false } == outcome)
        #expect(QuickTrainer.history(scratch) == ["started", "completed"])
    }

    @Test("starts a killed trainer again from its checkpoint, and ends with the same bytes")
    func resumes() throws {
        let other = RunFolder(path: scratch.path("whole/3f9c1a2b7d10"))
        try prepare(other)
        #expect(try node().carry(other, notify: { _ in }) { false } == .completed(try digest(of: other)))
        var reasons: [String] = []
        let crashing = try node(adding: ["FTOPS_QUICK_CRASH": "4:once"])
        let outcome = try crashing.carry(folder, notify: { if case .restarting(let why) = $0 { reasons.append(why) } })
        {
            false
        }
        #expect(outcome == .completed(try digest(of: other)))
        #expect(reasons == ["the trainer was ended by signal 9 at step 3"])
        #expect(QuickTrainer.history(scratch) == ["started", "completed", "started", "resumed", "completed"])
    }

    @Test("gives up on a trainer that dies at the same step again and again")
    func crashes() throws {
        let outcome = try node(adding: ["FTOPS_QUICK_CRASH": "3"]).carry(folder, notify: { _ in }) { false }
        guard case .failed("crashed", let message) = outcome else {
            Issue.record("it crashed, and did not end as \(outcome)")
            return
        }
        #expect(message.contains("4 times without getting past step 2"))
        #expect(try folder.readDone()?.exit == .signaled(9))
        #expect(QuickTrainer.history(scratch) == ["started", "resumed", "resumed", "resumed"])
    }

    @Test("ends with the class that the trainer gave")
    func fails() throws {
        let outcome = try node(adding: ["FTOPS_QUICK_FAIL": "data:row 3 is empty"]).carry(folder, notify: { _ in }) {
            false
        }
        #expect(outcome == .failed(kind: "data", message: "row 3 is empty"))
        #expect(try folder.readDone()?.outcome == .failed(kind: "data", message: "row 3 is empty"))
        let lock = try #require(try folder.tryLock())
        try folder.forgetEnd(fresh: true, holding: lock)
        #expect(try node().carry(folder, notify: { _ in }) { false } == .completed(try digest(of: folder)))
    }

    @Test("stops at a checkpoint when asked, and goes on from it")
    func stops() throws {
        var reached = 0
        let slow = try node(steps: 1000, stepSeconds: 0.05)
        let outcome = try slow.carry(
            folder,
            notify: { notice in
                if case .event(let timed) = notice, case .checkpoint(let step) = timed.event { reached = step }
            }
        ) { reached >= 2 }
        #expect(outcome == .stopped)
        #expect(try folder.readDone() == nil)
        #expect(try folder.summary().phase == .stopped)
        let end = try node(steps: reached + 1).carry(folder, notify: { _ in }) { false }
        #expect(end == .completed(try digest(of: folder)))
        #expect(QuickTrainer.history(scratch) == ["started", "resumed", "completed"])
    }

    @Test("ends a trainer that does not listen, and leaves its checkpoint")
    func stopsDeaf() throws {
        var reached = 0
        let deaf = try node(steps: 1000, stepSeconds: 0.05, adding: ["FTOPS_QUICK_DEAF": "1"], grace: .milliseconds(50))
        let outcome = try deaf.carry(
            folder,
            notify: { notice in
                if case .event(let timed) = notice, case .checkpoint(let step) = timed.event { reached = step }
            }
        ) { reached >= 1 }
        #expect(outcome == .stopped)
        #expect(try folder.readDone() == nil)
    }

    @Test("ends the trainer of a supervisor that is gone, and resumes", arguments: [true, false])
    func takesOver(isWrittenDown: Bool) throws {
        let slow = try node(steps: 1000, stepSeconds: 0.05)
        let orphan = try leaveTrainer(of: slow, isWrittenDown: isWrittenDown)
        var notices: [TrainerNotice] = []
        let quick = try node(steps: 8)
        #expect(Eventually.holds(watching: [folder.path]) { ((try? folder.summary().checkpoint) ?? nil) ?? 0 >= 2 })
        let outcome = try quick.carry(folder, notify: { notices.append($0) }) { false }
        #expect(outcome == .completed(try digest(of: folder)))
        #expect(notices.first == .endingPrevious)
        #expect(try orphan.poll() == .exited(75))
        #expect(QuickTrainer.history(scratch) == ["started", "resumed", "completed"])
    }

    /// Starts a trainer as a supervisor does, and lets go of its locks as a supervisor's death does.
    private func leaveTrainer(of node: NodeBackend, isWrittenDown: Bool) throws -> ChildProcess {
        let lock = try #require(try FileLock.tryAcquire(folder.trainerLock))
        let device = try #require(try DeviceLock.tryAcquire(oneOf: node.devices, in: node.deviceFolder))
        var options = node.launcher.options(["train", folder.path])
        options.newSession = true
        options.inherited = [lock.file, device.file]
        let child = try ChildProcess.spawn(options)
        if isWrittenDown { try folder.record(try #require(child.identity), as: .trainer) }
        return child
    }

    @Test("waits for a device that another run has, and stops waiting when asked")
    func waits() throws {
        let node = try node()
        var held = try DeviceLock.tryAcquire(oneOf: [.cpu], in: node.deviceFolder)
        #expect(held != nil)
        #expect(try node.carry(folder, notify: { _ in }) { true } == .stopped)
        var waited = 0
        let outcome = try node.carry(
            folder,
            notify: { notice in
                guard case .waiting([.cpu], _) = notice else { return }
                waited += 1
                held = nil
            }
        ) { false }
        #expect(waited > 0)
        #expect(outcome == .completed(try digest(of: folder)))
    }

    @Test("shows the trainer the device that it holds, and no other")
    func showsOneDevice() throws {
        var node = try node(adding: ["CUDA_VISIBLE_DEVICES": "0,1"])
        node.devices = [.gpu("GPU-aa11"), .gpu("GPU-bb22")]
        let taken = try DeviceLock.tryAcquire(oneOf: node.devices, in: node.deviceFolder)
        #expect(try node.carry(folder, notify: { _ in }) { false } == .completed(try digest(of: folder)))
        #expect(try node.evaluate(folder, adapter: folder.output, notify: { _ in }) { false } == nil)
        let log = try String(decoding: FileContents.read(folder.log), as: UTF8.self)
        #expect(log.split(separator: "\n") == ["sees GPU-bb22", "sees GPU-bb22"])
        withExtendedLifetime(taken) {}
    }

    @Test("judges base and version anew, and trains nothing for that")
    func evaluates() throws {
        let node = try node()
        #expect(try node.carry(folder, notify: { _ in }) { false } == .completed(try digest(of: folder)))
        try Folder.remove(folder.evaluation)
        var told: [TrainerEvent] = []
        let notify: (TrainerNotice) -> Void = { if case .event(let timed) = $0 { told.append(timed.event) } }
        #expect(try node.evaluate(folder, adapter: folder.output, notify: notify) { false } == nil)
        #expect(
            told == ["base", "version"].map { .evaluating(.init(model: $0, what: "answers", done: 1, total: 1)) }
        )
        #expect(try folder.readEvaluation(digest: digest(of: folder)) != nil)
        #expect(QuickTrainer.history(scratch) == ["started", "completed"])
        let outcome = try node.evaluate(folder, adapter: "/none", notify: { _ in }) { false }
        guard case .failed("trainer", _) = outcome else {
            Issue.record("an evaluation of nothing fails, and does not end as \(String(describing: outcome))")
            return
        }
    }

    @Test("says that the trainer is not there")
    func missing() throws {
        var node = try node()
        node.launcher = TrainerLauncher(path: scratch.path("launch"), environment: [:])
        let error = #expect(throws: POSIXError.self) { try node.carry(folder, notify: { _ in }) { false } }
        #expect(error?.path == scratch.path("launch"))
        #expect(try folder.readDone() == nil)
    }

    @Test("asks the trainer to count the tokens and steps of a training")
    func counts() throws {
        let rows = scratch.path("rows.jsonl")
        try DurableFile.write(Array("{\"text\": \"a b\"}\n{\"text\": \"c\"}\n".utf8), to: rows)
        let base = TrainerBase(source: .path("/"), name: "tiny")
        let launcher = try node().launcher
        #expect(launcher.isReady())
        let parameters: ParameterValues = ["lora_rank": .integer(8)]
        var request = TrainerLauncher.CountRequest(rows: rows, base: base, parameters: parameters, seconds: 30)
        var read: [Int] = []
        let count = try launcher.count(request) { read.append($0) }
        #expect(count.rows == 2 && count.units == 2 && count.steps == 2)
        #expect(count.tokens == 5 && count.labelTokens == 8 && count.rejected == 0 && count.truncated == 0)
        #expect(TokenCount(json: count.json) == count)
        #expect(read == [1])
        request.rows = scratch.path("none")
        #expect(throws: RunsError.self) { try launcher.count(request) }
    }

    @Test(
        "tells why a trainer could not count",
        arguments: [("fail", "its words are none"), ("crash", "was ended by signal 9")]
    )
    func countingFails(how: String, message: String) throws {
        let rows = scratch.path("rows.jsonl")
        try DurableFile.write("{\"text\": \"a b\"}\n", to: rows)
        let environment = QuickTrainer.environment(scratch, adding: ["FTOPS_QUICK_COUNT": how])
        let launcher = TrainerLauncher(path: QuickTrainer.launch, environment: environment)
        let base = TrainerBase(source: .path("/"), name: "tiny")
        let error = #expect(throws: RunsError.self) {
            try launcher.count(.init(rows: rows, base: base, parameters: ["lora_rank": .integer(8)]))
        }
        #expect(error?.message.contains(message) == true, "\(String(describing: error))")
    }

    @Test("asks the trainer for its versions, its environment and a base")
    func launcher() throws {
        let launcher = try node().launcher
        #expect(try launcher.versions()["quick"] == "1.0")
        #expect(try launcher.prepareEnvironment().hasPrefix("/"))
        #expect(try launcher.prepare(TrainerBase(source: .path("/"), name: "tiny"))["path"]?.string == "/")
        #expect(throws: RunsError.self) { try launcher.prepare(TrainerBase(source: .path("/none"), name: "tiny")) }
    }
}
