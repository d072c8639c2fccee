//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Resources
import Testing

@testable import Planning

@Suite("LedgerTransition")
struct LedgerTransitionTests {
    private let mine = Machine(id: HolderID(rawValue: "me"), host: "here")
    private let theirs = Machine(id: HolderID(rawValue: "them"), host: "there")
    private let now = Timestamp(seconds: 1_000_000)
    private let record = Samples.version(number: nil)
    private var purpose: RunPurpose { RunPurpose(Samples.entry(.claimed)) }
    private var end: LedgerTransition.AttemptEnd { end("completed") }

    private func end(_ outcome: String, number: Int = 1) -> LedgerTransition.AttemptEnd {
        .init(number: number, ended: now, outcome: outcome, cost: Money(micros: 5))
    }

    private func claimed(by machine: Machine) throws -> RunEntry {
        try LedgerTransition.claim(nil, for: purpose, by: machine, now: now)
    }

    private func started(by machine: Machine, minutes: Double? = nil) throws -> RunEntry {
        try start(claimed(by: machine), by: machine, minutes: minutes)
    }

    private func start(_ entry: RunEntry?, by machine: Machine, minutes: Double? = nil) throws -> RunEntry {
        try LedgerTransition.start(
            entry,
            backend: .node,
            estimate: .init(minutes: minutes),
            by: machine,
            now: now
        )
    }

    private func trained(_ entry: RunEntry?, by machine: Machine) throws -> RunEntry {
        try LedgerTransition.trained(entry, record, end: end, for: purpose, by: machine)
    }

    private func refusal(_ body: () throws -> RunEntry?) -> LedgerRefusal.Reason? {
        do {
            _ = try body()
            return nil
        } catch {
            return (error as? LedgerRefusal)?.reason
        }
    }

    @Test("a claim holds for ten minutes and refuses the other machine")
    func claims() throws {
        let entry = try claimed(by: mine)
        #expect(entry.state == .claimed)
        #expect(entry.holder.until == now.advanced(by: 600))
        let refused = refusal { try LedgerTransition.claim(entry, for: purpose, by: theirs, now: now) }
        #expect(refused == .held(entry.holder))
        let renewed = try LedgerTransition.claim(entry, for: purpose, by: mine, now: now.advanced(by: 60))
        #expect(renewed.holder.until == now.advanced(by: 660))
    }

    @Test("a started run holds for a day, or twice its estimate")
    func startedLease() throws {
        #expect(try started(by: mine).holder.until == now.advanced(by: 86400))
        #expect(try started(by: mine, minutes: 1440).holder.until == now.advanced(by: 172_800))
        let later = now.advanced(by: 3600)
        let renewed = try LedgerTransition.renew(started(by: mine), by: mine, now: later)
        #expect(renewed.holder.until == later.advanced(by: 86400))
        #expect(refusal { try LedgerTransition.renew(started(by: mine), by: theirs, now: later) } != nil)
    }

    @Test("a new attempt of the own started run ends the one before as lost")
    func restarts() throws {
        let entry = try start(started(by: mine), by: mine)
        #expect(entry.attempts.map(\.number) == [1, 2])
        #expect(entry.attempts.map(\.outcome) == ["lost", nil])
        #expect(refusal { try start(entry, by: theirs) } == .held(entry.holder))
    }

    @Test("an attempt that was lost keeps the cost that it had come to when it showed that it lived for the last time")
    func lostCost() throws {
        let price = Money(micros: 3_600_000)
        func cost(_ entry: RunEntry) -> [Int64?] { entry.attempts.map { $0.cost?.micros } }
        func restart(_ lastSign: Timestamp?) throws -> RunEntry {
            try LedgerTransition.start(
                started(by: mine),
                backend: .node,
                estimate: .init(),
                by: mine,
                lost: LostAttempts(lastSign: lastSign, pricePerHour: price),
                now: now.advanced(by: 7200)
            )
        }
        #expect(try cost(restart(now.advanced(by: 60))) == [60000, nil])
        #expect(try restart(now.advanced(by: 60)).attempts[0].ended == now.advanced(by: 60))
        #expect(try cost(restart(now.advanced(by: -60))) == [0, nil])
        #expect(try cost(restart(nil)) == [7_200_000, nil])
        func take(_ entry: RunEntry, _ time: Timestamp) throws -> RunEntry {
            try LedgerTransition.takeOverStarted(
                entry,
                backend: .node,
                estimate: .init(),
                by: mine,
                lost: LostAttempts(lastSign: now, pricePerHour: price),
                now: time
            )
        }
        // Its lease was not renewed after the first hour, so that it lived for less than one.
        #expect(try cost(take(started(by: theirs), now.advanced(by: 90000))) == [3_600_000, nil])
        let resolved = try LedgerTransition.resolveLost(started(by: theirs), now: now.advanced(by: 1800))
        let taken = try take(resolved, now.advanced(by: 1800))
        #expect(cost(taken) == [1_800_000, nil])
        #expect(try cost(LedgerTransition.settled(taken, end: end("superseded"), by: theirs)) == [5, nil])
    }

    @Test("a claim is taken over only long after its lease, watched for four minutes")
    func takesClaim() throws {
        let entry = try claimed(by: theirs)
        let late = now.advanced(by: 901)
        func take(_ watch: Watch, _ time: Timestamp) throws -> RunEntry {
            try LedgerTransition.takeOverClaimed(entry, watched: watch, by: mine, now: time)
        }
        #expect(try take(Watch(entry: entry, seconds: 240), late).holder.id == mine.id)
        #expect(refusal { try take(Watch(entry: entry, seconds: 239), late) } == .held(entry.holder))
        #expect(refusal { try take(Watch(entry: entry, seconds: 240), now.advanced(by: 900)) } == .held(entry.holder))
        var before = entry
        before.holder.until = now
        #expect(refusal { try take(Watch(entry: before, seconds: 240), late) } == .held(entry.holder))
    }

    @Test("a started run is taken over when its lease ran out, or at once when it was said to be lost")
    func takesStarted() throws {
        let entry = try started(by: theirs)
        func take(_ entry: RunEntry, _ time: Timestamp) throws -> RunEntry {
            try LedgerTransition.takeOverStarted(entry, backend: .node, estimate: .init(), by: mine, now: time)
        }
        #expect(refusal { try take(entry, now.advanced(by: 86400)) } == .held(entry.holder))
        let taken = try take(entry, now.advanced(by: 86401))
        #expect(taken.holder.id == mine.id)
        #expect(taken.attempts.map(\.outcome) == ["lost", nil])
        let lost = try LedgerTransition.resolveLost(entry, now: now)
        #expect(try take(lost, now).attempts.last?.holder == mine.id)
        #expect(try LedgerTransition.renew(lost, by: theirs, now: now).holder.until == entry.holder.until)
    }

    @Test("a run that was cancelled fails at a takeover")
    func takesCancelled() throws {
        let entry = try LedgerTransition.requestCancel(started(by: theirs))
        let taken = try LedgerTransition.takeOverStarted(
            entry,
            backend: .node,
            estimate: .init(),
            by: mine,
            now: now.advanced(by: 90000)
        )
        #expect(taken.state == .failed)
        #expect(taken.failure?.kind == "cancelled")
        #expect(
            refusal { try start(LedgerTransition.requestCancel(claimed(by: mine)), by: mine) } == .requested(.cancel)
        )
    }

    @Test("a run that stopped at a checkpoint keeps its holder and its cost, has no lease, and is started again")
    func pauses() throws {
        let entry = try started(by: mine)
        #expect(refusal { try pause(entry, isWishedHere: false) } == .wrongState(.started))
        #expect(refusal { try pause(entry, isWishedHere: true, by: theirs) } == .held(entry.holder))
        let paused = try pause(entry, isWishedHere: true)
        #expect(paused.state == .paused && paused.holder.id == mine.id && paused.holder.until == nil)
        #expect(paused.attempts.map(\.outcome) == ["paused"])
        #expect(paused.attempts.map(\.cost) == [Money(micros: 5)])
        #expect(paused.pausedSince == paused.attempts.last?.ended)
        #expect(try pause(paused, isWishedHere: true) == paused)
        #expect(refusal { try LedgerTransition.renew(paused, by: mine, now: now) } == .heldHere)
        #expect(!LedgerTransition.mayTakeStarted(paused, by: theirs, now: now.advanced(by: 999_999)))
        let again = try start(paused, by: mine)
        #expect(again.attempts.map(\.outcome) == ["paused", nil])
    }

    @Test("a request to pause holds whoever would go on, until it is taken back")
    func holds() throws {
        let asked = try LedgerTransition.requestPause(started(by: mine), by: "Ann")
        #expect(try LedgerTransition.requestPause(asked, by: "Bob") == asked)
        #expect(!LedgerTransition.mayTakeStarted(asked, by: theirs, now: now.advanced(by: 999_999)))
        let paused = try pause(asked, isWishedHere: false)
        #expect(paused.pausedBy == "Ann")
        #expect(refusal { try start(paused, by: mine) } == .requested(.pause(by: "Ann")))
        let resumed = try LedgerTransition.resume(paused)
        #expect(resumed.request == nil && resumed.state == .paused)
        #expect(try LedgerTransition.resume(resumed) == resumed)
        #expect(try start(resumed, by: mine).state == .started)
        #expect(try pause(LedgerTransition.requestPause(claimed(by: mine), by: "Ann")).attempts == [])
        let long = now.advanced(by: 999_999)
        let claim = try LedgerTransition.requestPause(claimed(by: theirs), by: "Ann")
        #expect(
            !LedgerTransition.mayTakeClaimed(claim, watched: Watch(entry: claim, seconds: 999), by: mine, now: long)
        )
    }

    @Test("cancelling wins over pausing, and ends a paused run at once")
    func cancelsPaused() throws {
        let asked = try LedgerTransition.requestCancel(LedgerTransition.requestPause(started(by: mine), by: "Ann"))
        #expect(asked.isCancelRequested)
        #expect(refusal { try pause(asked, isWishedHere: true) } == .requested(.cancel))
        #expect(refusal { try LedgerTransition.requestPause(asked, by: "Ann") } == .requested(.cancel))
        #expect(refusal { try LedgerTransition.resume(asked) } == .requested(.cancel))
        let ended = try LedgerTransition.requestCancel(pause(started(by: mine), isWishedHere: true))
        #expect(ended.state == .failed && ended.failure == LedgerTransition.cancelled)
        #expect(try LedgerTransition.requestCancel(ended) == ended)
        #expect(refusal { try LedgerTransition.resume(ended) } == .wrongState(.failed))
    }

    private func pause(
        _ entry: RunEntry,
        isWishedHere: Bool = false,
        by machine: Machine? = nil
    ) throws(LedgerRefusal) -> RunEntry {
        try LedgerTransition.pause(entry, end: end("paused"), isWishedHere: isWishedHere, by: machine ?? mine)
    }

    @Test("a claim that is given up leaves nothing, and earlier attempts stay")
    func givesUp() throws {
        #expect(try LedgerTransition.giveUp(claimed(by: mine), by: mine) == nil)
        #expect(refusal { try LedgerTransition.giveUp(started(by: mine), by: mine) } == .heldHere)
        let failure = RunEntry.Failure(kind: "memory", message: "")
        let failed = try LedgerTransition.fail(started(by: mine), failure, end: end("memory"), by: mine)
        let again = try LedgerTransition.claim(failed, for: purpose, retryFailed: true, by: theirs, now: now)
        let left = try #require(try LedgerTransition.giveUp(again, by: theirs))
        #expect(left.state == .failed)
        #expect(left.failure?.kind == "memory")
        #expect(left.attempts == failed.attempts)
    }

    @Test("a failed run is claimed again only when somebody asks for it, and keeps its attempts and cost")
    func retries() throws {
        let failure = RunEntry.Failure(kind: "diverged", message: "the loss is not finite")
        let failed = try LedgerTransition.fail(started(by: mine), failure, end: end("diverged"), by: mine)
        #expect(failed.attempts.map(\.cost) == [Money(micros: 5)])
        #expect(failed.attempts.map(\.outcome) == ["diverged"])
        #expect(try LedgerTransition.fail(failed, failure, end: end("diverged"), by: mine) == failed)
        #expect(refusal { try LedgerTransition.claim(failed, for: purpose, by: theirs, now: now) } == .failed(failure))
        let again = try LedgerTransition.claim(failed, for: purpose, retryFailed: true, by: theirs, now: now)
        #expect(again.state == .claimed)
        #expect(again.failure == nil)
        #expect(try start(again, by: theirs).attempts.map(\.number) == [1, 2])
    }

    @Test("a published run is claimed again only for the version that was lost, which stays in the entry")
    func replaces() throws {
        let published = try LedgerTransition.published(trained(started(by: mine), by: mine), record.id, number: 3)
        let claim = { (lost: VersionID?) throws(LedgerRefusal) in
            try LedgerTransition.claim(published, for: self.purpose, replacing: lost, by: self.theirs, now: self.now)
        }
        #expect(refusal { try claim(nil) } == .trained(record.id))
        #expect(refusal { try claim(Samples.digest("another")) } == .trained(record.id))
        let again = try claim(record.id)
        #expect(again.state == .claimed && again.isReplacing && again.version == nil)
        #expect(again.replaced.map(\.id) == [record.id] && again.attempts == published.attempts)
        #expect(again.holder.id == theirs.id)
        let left = try #require(try LedgerTransition.giveUp(again, by: theirs))
        #expect(left.state == .published && left.version?.id == record.id && left.replaced.isEmpty)
        let done = try trained(start(again, by: theirs), by: theirs)
        #expect(done.state == .trained && done.replaced.map(\.id) == [record.id])
        #expect(LedgerMerge.later(published, again).state == .claimed)
        #expect(LedgerMerge.later(again, published).state == .claimed)
    }

    @Test("a finished result is taken from every state in which nothing else was trained")
    func finishes() throws {
        let failure = RunEntry.Failure(kind: "cancelled", message: "")
        let states: [RunEntry?] = try [
            nil, claimed(by: mine), claimed(by: theirs), started(by: mine), started(by: theirs),
            LedgerTransition.requestCancel(started(by: theirs)),
            LedgerTransition.fail(started(by: theirs), failure, end: end("cancelled"), by: theirs),
        ]
        for state in states {
            let entry = try trained(state, by: mine)
            #expect(entry.state == .trained)
            #expect(entry.version == record)
            #expect(!entry.isCancelRequested)
            #expect(entry.attempts.contains { $0.holder == mine.id && $0.outcome == "completed" && $0.cost != nil })
            #expect(entry.attempts.count >= state?.attempts.count ?? 0)
        }
    }

    @Test("the first to be trained wins; the same again changes nothing, and another one is refused")
    func firstWins() throws {
        let first = try trained(started(by: mine), by: mine)
        #expect(try trained(first, by: mine) == first)
        var other = record
        other.id = Samples.digest("other")
        #expect(
            refusal {
                try LedgerTransition.trained(first, other, end: end, for: purpose, by: theirs)
            } == .trained(record.id)
        )
    }

    @Test("a result of another repository is taken by whoever may start the run, and costs nothing")
    func reuses() throws {
        let long = now.advanced(by: 86401)
        func reuse(_ entry: RunEntry?, _ time: Timestamp? = nil) throws(LedgerRefusal) -> RunEntry {
            try LedgerTransition.reused(entry, record, by: mine, now: time ?? now)
        }
        let taken = try reuse(claimed(by: mine))
        #expect(taken.state == .trained && taken.version == record && taken.attempts.isEmpty && taken.estimate == nil)
        #expect(taken.holder.id == mine.id && taken.holder.until == nil)
        #expect(try reuse(taken) == taken)
        #expect(try LedgerTransition.published(taken, record.id, number: 1).state == .published)
        #expect(try reuse(started(by: mine)).attempts.map(\.outcome) == ["lost"])
        #expect(try reuse(pause(started(by: mine), isWishedHere: true)).attempts.map(\.outcome) == ["paused"])
        #expect(try reuse(started(by: theirs), long).holder.id == mine.id)
        let theirsStarted = try started(by: theirs)
        #expect(refusal { try reuse(theirsStarted) } == .held(theirsStarted.holder))
        #expect(refusal { try reuse(LedgerTransition.requestCancel(claimed(by: mine))) } == .requested(.cancel))
        #expect(refusal { try reuse(nil) } == .absent)
        var other = record
        other.id = Samples.digest("other")
        let first = try LedgerTransition.trained(nil, other, end: end, for: purpose, by: mine)
        #expect(refusal { try reuse(first) } == .trained(other.id))
    }

    @Test("what came second keeps its cost on record")
    func settles() throws {
        var entry = try LedgerTransition.resolveLost(started(by: mine), now: now)
        entry = try LedgerTransition.takeOverStarted(entry, backend: .node, estimate: .init(), by: theirs, now: now)
        entry = try LedgerTransition.trained(entry, record, end: end("completed", number: 2), for: purpose, by: theirs)
        entry = try LedgerTransition.settled(entry, end: end("superseded"), by: mine)
        #expect(entry.attempts.map(\.outcome) == ["superseded", "completed"])
        #expect(entry.attempts.map(\.cost) == [Money(micros: 5), Money(micros: 5)])
    }

    @Test("publishing needs the trained version, and happens once")
    func publishes() throws {
        let trained = try trained(started(by: mine), by: mine)
        let published = try LedgerTransition.published(trained, record.id, number: 3)
        #expect(published.state == .published)
        #expect(published.version?.number == 3)
        #expect(try LedgerTransition.published(published, record.id, number: 4) == published)
        #expect(refusal { try LedgerTransition.published(trained, Samples.digest("x"), number: 1) } != nil)
        #expect(
            refusal { try LedgerTransition.published(claimed(by: mine), record.id, number: 1) } == .wrongState(.claimed)
        )
    }

    @Test("a later evaluation is kept of the version that it is of, published or not")
    func evaluates() throws {
        let evaluation = Samples.evaluation("another question")
        let trained = try trained(started(by: mine), by: mine)
        for entry in [trained, try LedgerTransition.published(trained, record.id, number: 3)] {
            let evaluated = try LedgerTransition.evaluated(entry, record.id, evaluation)
            #expect(evaluated.version?.evaluation == evaluation)
            #expect(evaluated.state == entry.state && evaluated.version?.number == entry.version?.number)
        }
        #expect(refusal { try LedgerTransition.evaluated(trained, Samples.digest("x"), evaluation) } != nil)
        #expect(refusal { try LedgerTransition.evaluated(claimed(by: mine), record.id, evaluation) } != nil)
        #expect(refusal { try LedgerTransition.evaluated(nil, record.id, evaluation) } == .absent)
    }

    @Test("nothing but delivering and settling is done to a run that ended")
    func ended() throws {
        let entry = try trained(started(by: mine), by: mine)
        #expect(refusal { try start(entry, by: mine) } == .trained(record.id))
        #expect(refusal { try LedgerTransition.requestCancel(entry) } == .wrongState(.trained))
        #expect(refusal { try LedgerTransition.resolveLost(entry, now: now) } == .wrongState(.trained))
        #expect(
            refusal { try LedgerTransition.claim(entry, for: purpose, retryFailed: true, by: mine, now: now) }
                == .trained(record.id)
        )
        #expect(refusal { try LedgerTransition.renew(nil, by: mine, now: now) } == .absent)
    }
}
