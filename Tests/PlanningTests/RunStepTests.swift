//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Resources
import Testing

@testable import Planning

@Suite("RunStep")
struct RunStepTests {
    private static let me = Machine(id: HolderID(rawValue: "me"), host: "here")
    private static let now = Timestamp(seconds: 1_999_000)
    private static let record = Samples.version(number: nil)
    private static let failure = RunEntry.Failure(kind: "memory", message: "")
    private static let completed = LocalRun(done: .completed(record.id, attempt: 1))

    private static func entry(_ state: RunEntry.State, holder: String = "me", cancelled: Bool = false) -> RunEntry {
        var entry = Samples.entry(state, holder: holder)
        if cancelled { entry.request = .cancel }
        if state == .failed { entry.failure = failure }
        if state == .trained || state == .published { entry.version = record }
        guard state != .claimed else { return entry }
        entry.attempts = [attempt(1, by: holder, isUnderWay: state == .started)]
        if state == .paused { entry.holder.until = nil }
        return entry
    }

    private static func attempt(_ number: Int, by holder: String, isUnderWay: Bool) -> RunEntry.Attempt {
        RunEntry.Attempt(
            number: number,
            holder: HolderID(rawValue: holder),
            backend: .node,
            estimate: .init(),
            started: Timestamp(seconds: 0),
            ended: isUnderWay ? nil : Timestamp(seconds: 9),
            outcome: isUnderWay ? nil : "completed"
        )
    }

    private static func next(
        _ entry: RunEntry?,
        _ local: LocalRun = LocalRun(),
        retry: Bool = false,
        watched: Watch? = nil,
        now: Timestamp = now
    ) -> RunStep {
        RunStep.next(entry, local: local, retryFailed: retry, watched: watched, by: me, now: now)
    }

    @Test("claims what is absent, and what failed only when asked to")
    func claims() {
        #expect(Self.next(nil) == .claim)
        #expect(Self.next(Self.entry(.failed)) == .finished)
        #expect(Self.next(Self.entry(.failed), retry: true) == .claim)
    }

    @Test("starts the own claim, follows the own trainer, starts anew where none runs")
    func own() {
        #expect(Self.next(Self.entry(.claimed)) == .start)
        #expect(Self.next(Self.entry(.started), LocalRun(running: 1)) == .follow)
        #expect(Self.next(Self.entry(.started)) == .start)
        #expect(Self.next(Self.entry(.paused)) == .start)
    }

    @Test("ends a trainer of another attempt before it starts its own")
    func strayTrainer() {
        #expect(Self.next(Self.entry(.claimed), LocalRun(running: 1)) == .stopTrainer)
        #expect(Self.next(Self.entry(.started), LocalRun(running: 7)) == .stopTrainer)
    }

    @Test("fails by the end of the present attempt, not by that of an earlier one")
    func fails() {
        let entry = Self.entry(.started)
        let present = LocalRun(done: .failed(Self.failure, attempt: 1))
        #expect(Self.next(entry, present) == .fail(Self.failure, attempt: 1))
        #expect(Self.next(entry, LocalRun(done: .failed(Self.failure, attempt: 0))) == .start)
    }

    @Test("ends a cancelled run: first its trainer, then the entry")
    func cancels() {
        let entry = Self.entry(.started, cancelled: true)
        #expect(Self.next(entry, LocalRun(running: 1)) == .stopTrainer)
        #expect(Self.next(entry) == .fail(LedgerTransition.cancelled, attempt: 1))
        #expect(Self.next(Self.entry(.claimed, cancelled: true)) == .fail(LedgerTransition.cancelled, attempt: nil))
    }

    @Test(
        "pauses a run: first its trainer stops, then the entry says so, and then nothing happens",
        arguments: [true, false]
    )
    func pauses(isWishedHere: Bool) {
        func asked(_ state: RunEntry.State, holder: String = "me") -> RunEntry {
            var entry = Self.entry(state, holder: holder)
            if !isWishedHere { entry.request = .pause(by: "Ann") }
            return entry
        }
        func local(running: Int? = nil) -> LocalRun { LocalRun(running: running, isPauseWished: isWishedHere) }
        #expect(Self.next(asked(.started), local(running: 1)) == .haltTrainer)
        #expect(Self.next(asked(.started), local(running: 7)) == .stopTrainer)
        #expect(Self.next(asked(.started), local()) == .pause(attempt: 1))
        #expect(Self.next(asked(.claimed), local()) == .pause(attempt: nil))
        #expect(Self.next(asked(.paused), local()) == .rest)
        #expect(Self.next(asked(.started, holder: "them"), local(running: 1)) == .stopTrainer)
        var finished = local()
        finished.done = .completed(Self.record.id, attempt: 1)
        #expect(Self.next(asked(.started), finished) == .deliver(attempt: 1))
        finished.done = .failed(Self.failure, attempt: 1)
        #expect(Self.next(asked(.started), finished) == .fail(Self.failure, attempt: 1))
        var cancelled = Self.entry(.started, cancelled: true)
        #expect(Self.next(cancelled, local(running: 1)) == .stopTrainer)
        cancelled.state = .claimed
        #expect(Self.next(cancelled, local()) == .fail(LedgerTransition.cancelled, attempt: nil))
    }

    @Test("leaves another machine's run alone while it is to be paused, however long its lease is over")
    func leavesPaused() {
        let late = Timestamp(seconds: 9_000_000)
        for state in [RunEntry.State.claimed, .started, .paused] {
            var entry = Self.entry(state, holder: "them")
            entry.request = .pause(by: "Ann")
            #expect(Self.next(entry, watched: Watch(entry: entry, seconds: 999), now: late) == .wait(entry.holder))
        }
        let paused = Self.entry(.paused, holder: "them")
        #expect(Self.next(paused, now: late) == .wait(paused.holder))
    }

    @Test("delivers a finished result whoever holds the run", arguments: ["me", "them"])
    func delivers(holder: String) {
        for state in [RunEntry.State.claimed, .started, .paused, .failed] {
            let entry = Self.entry(state, holder: holder, cancelled: state == .started)
            #expect(Self.next(entry, Self.completed) == .deliver(attempt: 1))
        }
        #expect(Self.next(nil, Self.completed) == .deliver(attempt: 1))
    }

    @Test("publishes whatever was trained, and is finished then", arguments: ["me", "them"])
    func publishes(holder: String) {
        #expect(Self.next(Self.entry(.trained, holder: holder)) == .publish)
        #expect(Self.next(Self.entry(.published, holder: holder)) == .finished)
        #expect(Self.next(Self.entry(.published, holder: holder), Self.completed) == .finished)
    }

    @Test("waits for another machine until the rules let it take over")
    func waits() {
        let (claimed, started) = (Self.entry(.claimed, holder: "them"), Self.entry(.started, holder: "them"))
        #expect(Self.next(claimed) == .wait(claimed.holder))
        #expect(Self.next(started) == .wait(started.holder))
        let late = Timestamp(seconds: 2_000_301)
        #expect(Self.next(claimed, now: late) == .wait(claimed.holder))
        #expect(Self.next(claimed, watched: Watch(entry: claimed, seconds: 240), now: late) == .takeOverClaimed)
        #expect(Self.next(started, now: late) == .takeOverStarted)
    }

    @Test("goes on with a trainer that was overtaken, until the other one was first")
    func overtaken() {
        var entry = Self.entry(.started, holder: "them")
        entry.attempts.insert(Self.attempt(0, by: "me", isUnderWay: false), at: 0)
        entry.attempts[0].outcome = LedgerTransition.lostOutcome
        #expect(Self.next(entry, LocalRun(running: 0)) == .follow)
        entry.state = .trained
        entry.version = Self.record
        #expect(Self.next(entry, LocalRun(running: 0)) == .stopTrainer)
        let stopped = LocalRun(done: .failed(.init(kind: "superseded", message: ""), attempt: 0))
        #expect(Self.next(entry, stopped) == .settle(attempt: 0, outcome: "superseded"))
        #expect(Self.next(entry) == .publish)
    }
}
