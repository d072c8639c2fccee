//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import FtopsTestSupport
import Ledger
import Planning
import Resources
import Testing

@testable import Git
@testable import Reconciler

@Suite("Leases of a machine")
struct LeaseTests {
    private let mine = Machine(id: HolderID(rawValue: "me"), host: "here")
    private let theirs = Machine(id: HolderID(rawValue: "them"), host: "there")
    private let now = Timestamp(seconds: 1_000_000)
    private let sandbox: GitSandbox
    private let home: Home

    init() throws {
        sandbox = try GitSandbox()
        let repository = try GitRepository(path: sandbox.repository())
        let settings = GitSettings(remote: nil, branch: "main", push: true, ledger: "refs/ftops/ledger")
        home = try Home(repository, settings: settings)
    }

    private func claim(_ digit: Character, by machine: Machine) throws -> RunEntry {
        let purpose = RunPurpose(
            fingerprint: try #require(Fingerprint(rawValue: "v1-" + String(repeating: digit, count: 64))),
            fineTunes: [ResourceName(rawValue: "greeter")],
            model: ModelName(owner: "acme", name: "greeter"),
            commit: String(repeating: "0", count: 40),
            branch: "main"
        )
        let claimed = try LedgerTransition.claim(nil, for: purpose, by: machine, now: now)
        try write(claimed)
        return claimed
    }

    private func write(_ entry: RunEntry) throws {
        try home.ledger.step(message: "write", now: now) { _ in [entry.fingerprint: entry] }
    }

    private func steps() throws -> Int {
        Int(try sandbox.git("rev-list", "--count", "refs/ftops/ledger", in: sandbox.path("work"))) ?? 0
    }

    @Test("all that a machine holds is renewed in one step, and nothing of another's")
    func renewsAll() throws {
        let claimed = try claim("a", by: mine)
        let other = try claim("b", by: theirs)
        let started = try LedgerTransition.start(
            claim("c", by: mine),
            backend: .node,
            estimate: .init(minutes: 1440),
            by: mine,
            now: now
        )
        try write(started)
        let before = try steps()
        let later = now.advanced(by: 180)
        try home.renewAll(by: mine, now: later)
        #expect(try steps() == before + 1)
        let entries = try home.ledger.read().entries
        #expect(entries[claimed.fingerprint]?.holder.until == later.advanced(by: 600))
        #expect(entries[started.fingerprint]?.holder.until == later.advanced(by: 172_800))
        #expect(entries[other.fingerprint] == other)
    }

    /// A takeover whose watching takes a minute between two looks; `between` is told how many there were.
    private func takeover(at time: Timestamp, between: @escaping (Int) -> Void = { _ in }) -> Takeover {
        var looks = 0
        let reporter = ApplyReporter(
            say: { _ in },
            progress: { _, _ in },
            wish: { .watch },
            shouldLeave: { looks > 20 }
        )
        var takeover = Takeover(home: home, machine: mine, now: { time }, reporter: reporter)
        takeover.watching = { .seconds(looks * 60) }
        takeover.pause = {
            looks += 1
            between(looks)
        }
        return takeover
    }

    @Test("a claim is watched for four minutes before it is taken over, and anew after each change")
    func watches() throws {
        let entry = try claim("a", by: theirs)
        let late = now.advanced(by: 1200)
        var last = 0
        let takeover = takeover(at: late) { look in
            last = look
            guard look == 3 else { return }
            var changed = entry
            changed.fineTunes.append(ResourceName(rawValue: "other"))
            #expect(throws: Never.self) { try write(changed) }
        }
        guard case .mine(let taken) = try takeover.attempt(entry, wait: false) else {
            Issue.record("it is not taken over")
            return
        }
        #expect(last == 7)
        #expect(taken.holder.id == mine.id)
        #expect(taken.holder.until == late.advanced(by: 600))
    }

    @Test("a claim that is renewed while it is watched stays where it is, and one that is given up is gone")
    func leaves() throws {
        let entry = try claim("a", by: theirs)
        let late = now.advanced(by: 1200)
        let renewed = takeover(at: late) { look in
            guard look == 2 else { return }
            #expect(throws: Never.self) { try write(LedgerTransition.renew(entry, by: theirs, now: late)) }
        }
        guard case .held = try renewed.attempt(entry, wait: false) else {
            Issue.record("it is not held any more")
            return
        }
        let gone = takeover(at: now.advanced(by: 3600)) { _ in
            #expect(throws: Never.self) {
                try home.ledger.step(message: "give up", now: now) { _ in [entry.fingerprint: nil] }
            }
        }
        guard case .gone = try gone.attempt(entry, wait: false) else {
            Issue.record("it is not gone")
            return
        }
    }
}
