//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Digest
import FtopsTestSupport
import JSON
import POSIX
import Resources
import Runs
import Testing

@Suite("Run folder")
struct RunFolderTests {
    let scratch: ScratchFolder
    let folder: RunFolder

    init() throws {
        scratch = try ScratchFolder()
        folder = RunFolder(path: scratch.path("runs/3f9c1a2b7d10"))
    }

    private func job(_ digit: Character = "a", threads: Int = 2) throws -> Job {
        Job(
            run: "3f9c1a2b7d10",
            fingerprint: try #require(Fingerprint(rawValue: "v1-" + String(repeating: digit, count: 64))),
            base: TrainerBase(source: .python(package: "gemma", version: "1.0.0"), name: "gemma"),
            hasValidation: true,
            parameters: ["learning_rate": .number(0.0001), "lora_rank": .integer(8)],
            device: .cpu,
            threads: threads,
            evaluation: .init(
                metrics: ["loss"],
                prompts: [.init(prompt: "p", completion: nil, label: "1")],
                stop: ["\n"],
                maxNewTokens: 64,
                validationRows: 30
            )
        )
    }

    private func inputs(_ job: Job, rows: [String] = [#"{"text":"a"}"#, #"{"text":"b"}"#]) -> RunFolder.Inputs {
        RunFolder.Inputs(
            job: job,
            context: ["branch": "main"],
            train: { writer in for row in rows { try writer.write(row) } },
            validation: { writer in try writer.write(#"{"text":"v"}"#) }
        )
    }

    @Test("holds what the trainer is asked, in the contract's words")
    func prepares() throws {
        let lock = try #require(try folder.tryLock())
        #expect(!folder.isPrepared)
        let rows = try folder.prepare(inputs(try job()), holding: lock)
        #expect(folder.isPrepared)
        #expect(rows.train == SHA256Digest.of("{\"text\":\"a\"}\n{\"text\":\"b\"}\n"))
        #expect(scratch.lines("runs/3f9c1a2b7d10/validation.jsonl") == [#"{"text":"v"}"#])
        #expect(try folder.readContext()["branch"]?.string == "main")
        let job = try folder.readJob()
        #expect(job["format"]?.int == 1)
        #expect(job["run"]?.string == folder.id)
        #expect(job["train"]?.string == "train.jsonl")
        #expect(job["device"]?.string == "cpu" && job["gpus"]?.int == 0)
        #expect(try folder.readDevice() == .cpu)
        #expect(job["base"]?["kind"]?.string == "python")
        #expect(job["base"]?["adapter"] == .null)
        #expect(job["parameters"]?["learning_rate"]?.double == 0.0001)
        #expect(job["parameters"]?["lora_alpha"] == .null)
        #expect(job["parameters"]?.object?.members.count == HyperparameterTable.fields.filter(\.isSupported).count)
        #expect(job["evaluation"]?["prompts"]?.array?.first?["completion"] == .null)
        #expect(job["evaluation"]?["validation_rows"]?.int == 30)
    }

    @Test("holds the adapter that training goes on from before the job that names it")
    func parent() throws {
        let lock = try #require(try folder.tryLock())
        var child = try job()
        child.base.adapter = RunFolder.parentName
        var inputs = inputs(child)
        inputs.parent = { path in
            #expect(!folder.isPrepared)
            try Folder.make(path)
            try DurableFile.write(Array("{}".utf8), to: path + "/adapter_config.json")
        }
        try folder.prepare(inputs, holding: lock)
        #expect(try folder.readJob()["base"]?["adapter"]?.string == "parent")
        #expect(scratch.lines("runs/3f9c1a2b7d10/parent/adapter_config.json") == ["{}"])
    }

    @Test("is prepared again with equal rows, and takes another number of threads")
    func again() throws {
        let lock = try #require(try folder.tryLock())
        let first = try folder.prepare(inputs(try job()), holding: lock)
        #expect(try folder.prepare(inputs(try job(threads: 4)), holding: lock) == first)
        #expect(try folder.readJob()["threads"]?.int == 4)
        let names = try Folder.names(in: folder.path)
        #expect(names == ["job.json", "run.json", "run.lock", "train.jsonl", "validation.jsonl"])
    }

    @Test("refuses other rows and another fingerprint once it is prepared")
    func different() throws {
        let lock = try #require(try folder.tryLock())
        try folder.prepare(inputs(try job()), holding: lock)
        let rows = #expect(throws: RunsError.self) {
            try folder.prepare(inputs(try job(), rows: ["{}"]), holding: lock)
        }
        #expect(rows?.code == .inputsDiffer)
        #expect(scratch.lines("runs/3f9c1a2b7d10/train.jsonl").count == 2)
        #expect(throws: RunsError.self) { try folder.prepare(inputs(try job("b")), holding: lock) }
    }

    @Test("is not prepared by a preparation that broke off, and is by the next")
    func brokenOff() throws {
        struct Broken: Error {}
        let lock = try #require(try folder.tryLock())
        var broken = inputs(try job())
        broken.validation = { _ in throw Broken() }
        #expect(throws: Broken.self) { try folder.prepare(broken, holding: lock) }
        #expect(!folder.isPrepared)
        try folder.prepare(inputs(try job()), holding: lock)
        #expect(folder.isPrepared)
    }

    @Test("has one holder of its lock")
    func locks() throws {
        let lock = try folder.tryLock()
        #expect(lock != nil)
        #expect(try folder.tryLock() == nil)
        withExtendedLifetime(lock) {}
    }

    @Test("remembers how the training ended", arguments: [ProcessEnd.exited(1), .signaled(9), nil])
    func done(exit: ProcessEnd?) throws {
        try folder.make()
        #expect(try folder.readDone() == nil)
        let time = Timestamp(seconds: 1_800_000_000)
        let failed = Done(outcome: .failed(kind: "memory", message: "no more"), exit: exit, time: time)
        try folder.write(failed)
        #expect(try folder.readDone() == failed)
        let digest = RunFolder.digest(of: [])
        let completed = Done(outcome: .completed(digest), exit: exit, time: time)
        try folder.write(completed)
        #expect(try folder.readDone() == completed)
        try DurableFile.write("{}", to: folder.done)
        #expect(throws: RunsError.self) { try folder.readDone() }
    }

    @Test("forgets an end, and for a fresh attempt what the last one left")
    func forgets() throws {
        let lock = try #require(try folder.tryLock())
        try folder.prepare(inputs(try job()), holding: lock)
        for name in ["done", "events.jsonl", "checkpoint/3", "output/x"] {
            try scratch.write("", to: "runs/3f9c1a2b7d10/\(name)")
        }
        try folder.forgetEnd(fresh: false, holding: lock)
        #expect(!FileStatus.isFile(folder.done))
        #expect(FileStatus.isFile(folder.events))
        try folder.forgetEnd(fresh: true, holding: lock)
        #expect(
            try Folder.names(in: folder.path) == [
                "job.json", "run.json", "run.lock", "train.jsonl", "validation.jsonl",
            ]
        )
    }

    @Test("remembers its processes")
    func processes() throws {
        try folder.make()
        #expect(folder.process(.trainer) == nil)
        let identity = try #require(ProcessIdentity.current)
        try folder.record(identity, as: .trainer)
        #expect(folder.process(.trainer) == identity)
        #expect(folder.process(.supervisor) == nil)
    }

    @Test("digests the trained files by name, size and content")
    func output() throws {
        try scratch.write("weights", to: "runs/3f9c1a2b7d10/output/adapter_model.safetensors")
        try scratch.write("{}", to: "runs/3f9c1a2b7d10/output/adapter_config.json")
        let files = try folder.outputFiles()
        #expect(files.map(\.name) == ["adapter_config.json", "adapter_model.safetensors"])
        #expect(files.map(\.size) == [2, 7])
        #expect(files[1].sha256.rawValue == SHA256Digest.of("weights").hex)
        #expect(RunFolder.digest(of: files) == RunFolder.digest(of: files.reversed()))
        #expect(RunFolder.digest(of: files) != RunFolder.digest(of: [files[0]]))
    }

    @Test("reads how base and version were judged")
    func evaluation() throws {
        let digest = RunFolder.digest(of: [])
        #expect(try folder.readEvaluation(digest: digest) == nil)
        try scratch.write(
            """
            {"format":1,
             "base":{"loss":3.5,"perplexity":33,"exact_match":{"validation":{"correct":0,"of":30},"prompts":null},
               "answers":[{"label":"1","prompt":"p","reference":"r","text":"b"}]},
             "version":{"loss":0.5,"perplexity":1.6,"exact_match":{"validation":{"correct":28,"of":30}},
               "answers":[{"label":"1","prompt":"p","reference":"r","text":"v"}]}}
            """,
            to: "runs/3f9c1a2b7d10/evaluation.json"
        )
        let result = try #require(try folder.readEvaluation(digest: digest))
        #expect(result.base.loss == 3.5)
        #expect(result.base.promptsExactMatch == nil)
        #expect(result.version.validationExactMatch == .init(correct: 28, total: 30))
        #expect(result.answers == [.init(prompt: "p", reference: "r", base: "b", version: "v")])
        #expect(result.comparisons.isEmpty && result.validationAnswers.isEmpty && result.resamples == nil)
    }

    @Test("tells how base and version compare, and the first answers to rows, shortened")
    func comparison() throws {
        let long = String(repeating: "x", count: 5000)
        let rows = (1...9).map { #"{"prompt":"p\#($0)\#(long)?","reference":"\#(long)","text":"b"}"# }
        let list = "[\(rows.joined(separator: ","))]"
        try scratch.write(
            """
            {"format":1,"base":{"validation_answers":\(list)},"version":{"validation_answers":\(list)},
             "comparison":{"resamples":10000,"metrics":[
              {"metric":"f1","set":"validation","base":0.25,"version":0.5,"interval":[0.1,0.4],"examples":9},
              {"metric":"f1","set":"prompts","base":0,"version":1,"interval":null,"examples":1},
              {"metric":"f1","set":"moon","base":0,"version":1,"interval":null,"examples":1}]}}
            """,
            to: "runs/3f9c1a2b7d10/evaluation.json"
        )
        let result = try #require(try folder.readEvaluation(digest: RunFolder.digest(of: [])))
        let interval = VersionRecord.Comparison.Interval(lower: 0.1, upper: 0.4)
        #expect(
            result.comparisons == [
                .init(metric: "f1", set: .validation, base: 0.25, version: 0.5, interval: interval, examples: 9),
                .init(metric: "f1", set: .prompts, base: 0, version: 1, interval: nil, examples: 1),
            ]
        )
        #expect(result.resamples == 10_000 && result.validationAnswers.count == 5)
        let answer = try #require(result.validationAnswers.first)
        #expect(answer.prompt.hasPrefix("…xxx") && answer.prompt.hasSuffix("x?") && answer.prompt.count == 601)
        #expect(answer.reference == String(repeating: "x", count: 600) + "…" && answer.base == "b")
    }
}
