//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import FtopsTestSupport
import POSIX
import Resources
import Runs
import Testing

@Suite("Trainer's events")
struct TrainerEventsTests {
    let scratch: ScratchFolder

    init() throws { scratch = try ScratchFolder() }

    private func append(_ text: String) throws {
        try OpenFile(scratch.path("events.jsonl"), .append).write(Array(text.utf8))
    }

    private func step(_ number: Int, loss: Double) -> String {
        #"{"time":"2026-11-24T10:00:0\#(number % 10).120Z","event":"step","step":\#(number),"steps":40,"loss":\#(loss)}"#
            + "\n"
    }

    @Test("reads whole lines as they come, and a cut-off one when it is whole")
    func tails() throws {
        var reader = EventReader(scratch.path("events.jsonl"))
        #expect(try reader.next().isEmpty)
        try append(step(1, loss: 2) + #"{"event":"che"#)
        #expect(try reader.next().map(\.time) == [Timestamp("2026-11-24T10:00:01Z")])
        #expect(try reader.next().isEmpty)
        try append(#"ckpoint","step":1}"# + "\n")
        #expect(try reader.next().map(\.event) == [.checkpoint(step: 1)])
        #expect(try reader.offset == FileStatus.of(scratch.path("events.jsonl"))?.size)
    }

    @Test("passes over what is no event, and a file that became shorter is read anew")
    func spoilt() throws {
        try append("{\"event\":\"ste\n[]\n{}\n{\"event\":\"step\"}\n\u{0}\n" + step(2, loss: 1))
        var reader = EventReader(scratch.path("events.jsonl"))
        #expect(try reader.next().count == 1)
        try DurableFile.write(step(1, loss: 1), to: scratch.path("events.jsonl"))
        #expect(try reader.next().count == 1)
    }

    @Test("knows all events of the contract, and keeps the name of one that it does not know")
    func kinds() throws {
        let lines = [
            #"{"event":"started","device":"cpu","dtype":"bfloat16","threads":2,"steps":40,"epochs":2,"rows":9,"validation_rows":3,"tokens":10,"label_tokens":5,"rejected":1,"versions":{"torch":"2.9"},"resumed_from":null}"#,
            #"{"event":"evaluation","step":4,"loss":1.5,"tokens":99}"#,
            #"{"event":"completed","steps":40,"seconds":12.5,"train_loss":0.5,"validation_loss":0.6,"base_validation_loss":3,"tokens":800,"tokens_per_second":64,"peak_memory_bytes":1000,"dtype":"float32","threads":2}"#,
            #"{"event":"stopped","step":7}"#,
            #"{"event":"failed","class":"memory","message":"no more"}"#,
            #"{"event":"generated","count":3}"#,
        ]
        let events = lines.compactMap { TimedEvent(line: Array($0.utf8)[...])?.event }
        #expect(events.count == 6)
        guard case .started(let started) = events[0], case .completed(let completed) = events[2] else {
            Issue.record("other events than written")
            return
        }
        #expect(started.versions == ["torch": "2.9"])
        #expect(started.resumedFrom == nil)
        #expect(completed.peakMemory == 1000)
        #expect(events[1] == .evaluation(step: 4, loss: 1.5, tokens: 99))
        #expect(events[3...] == [.stopped(step: 7), .failed(kind: "memory", message: "no more"), .other("generated")])
    }

    @Test("keeps the last answer to each prompt, in the order of the prompts")
    func samples() {
        let lines = [
            #"{"event":"sample","step":0,"index":1,"prompt":"b","answer":"old"}"#,
            #"{"event":"sample","step":0,"index":0,"prompt":"a","answer":""}"#,
            #"{"event":"sample","step":4,"index":1,"prompt":"b","answer":"new"}"#,
            #"{"event":"sample","step":4,"index":999,"prompt":"c","answer":"far"}"#,
            #"{"event":"sample","index":0,"prompt":"a","answer":"of no step"}"#,
        ]
        let summary = TrainingSummary(lines.compactMap { TimedEvent(line: Array($0.utf8)[...]) })
        #expect(
            summary.samples == [
                .init(step: 0, index: 0, prompt: "a", answer: ""), .init(step: 4, index: 1, prompt: "b", answer: "new"),
            ]
        )
    }

    @Test("sums up a run over its restarts: a step taken twice counts once")
    func summary() throws {
        var summary = TrainingSummary()
        #expect(summary.phase == .starting)
        #expect(summary.phase == .starting)
        func add(_ line: String) { TimedEvent(line: Array(line.utf8)[...]).map { summary.add($0) } }
        add(#"{"event":"preparing","message":"preparing tiny 1.0.0"}"#)
        #expect(summary.phase == .preparing("preparing tiny 1.0.0"))
        add(#"{"time":"2026-11-24T09:59:00Z","event":"started","device":"cpu","dtype":"float32","steps":4}"#)
        for number in 1...3 { add(String(step(number, loss: Double(number)).dropLast())) }
        add(#"{"event":"checkpoint","step":1}"#)
        #expect(summary.phase == .training)
        add(#"{"time":"2026-11-24T10:01:00Z","event":"started","device":"cpu","dtype":"float32","resumed_from":1}"#)
        add(String(step(2, loss: 20).dropLast()))
        #expect(summary.losses() == [.init(step: 1, loss: 1), .init(step: 2, loss: 20)])
        #expect(summary.furthest == 3)
        #expect(summary.starts == 2)
        #expect(summary.begin == Timestamp("2026-11-24T09:59:00Z"))
        #expect(summary.training == nil)
        add(#"{"event":"completed","steps":4,"seconds":9.5,"tokens":80,"dtype":"bfloat16","threads":2}"#)
        let training = try #require(summary.training)
        #expect(training.device == "cpu")
        #expect(training.dtype == "bfloat16")
        #expect(training.steps == 4)
    }

    @Test("tells the step that was kept where it is not the last, and the one at which training ended early")
    func kept() throws {
        func training(_ kept: Int?, _ early: Int?) -> VersionRecord.Training? {
            let figures =
                #""kept_step":\#(kept.map(String.init) ?? "null"),"early_stopping_step":\#(early.map(String.init) ?? "null")"#
            let line = #"{"event":"completed","steps":8,"seconds":9.5,"tokens":80,\#(figures)}"#
            return TrainingSummary([TimedEvent(line: Array(line.utf8)[...])].compactMap { $0 }).training
        }
        #expect(training(6, 8)?.keptStep == 6)
        #expect(training(6, 8)?.earlyStoppingStep == 8)
        #expect(training(0, nil)?.keptStep == 0)
        for usual in [training(8, nil), training(nil, nil)] {
            #expect(usual?.steps == 8)
            #expect(usual?.keptStep == nil)
            #expect(usual?.earlyStoppingStep == nil)
        }
    }

    @Test("thins the curve to its limit, with its first and last point", arguments: [1, 2, 199, 200, 201, 1000])
    func thinning(count: Int) {
        let events = (1...count).compactMap { number in
            TimedEvent(line: Array(#"{"event":"step","step":\#(number),"loss":1}"#.utf8)[...])
        }
        let losses = TrainingSummary(events).losses()
        #expect(losses.count == min(count, 200))
        #expect(losses.first?.step == 1)
        #expect(losses.last?.step == count)
    }
}
