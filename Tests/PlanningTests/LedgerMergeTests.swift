//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Resources
import Testing

@testable import Planning

@Suite("LedgerMerge")
struct LedgerMergeTests {
    private static let entries: [RunEntry] = {
        var entries = RunEntry.State.allCases.map { state in
            Samples.entry(state, version: state == .trained || state == .published ? Samples.version() : nil)
        }
        var retried = Samples.entry(.started, holder: "me")
        retried.attempts = [
            RunEntry.Attempt(
                number: 1,
                holder: HolderID(rawValue: "them"),
                backend: .node,
                estimate: .init(),
                started: Timestamp(seconds: 5),
                ended: Timestamp(seconds: 6),
                outcome: "memory",
                cost: Money(micros: 7)
            )
        ]
        entries.append(retried)
        retried.attempts[0].cost = nil
        retried.attempts[0].outcome = "lost"
        retried.state = .failed
        entries.append(retried)
        for request in [.cancel, .pause(by: "Ann"), .pause(by: "Bob")] as [RunEntry.Request] {
            var asked = Samples.entry(.started)
            asked.request = request
            entries.append(asked)
        }
        for asked in ["one question", "another question"] {
            var judged = Samples.version()
            judged.evaluation = Samples.evaluation(asked)
            entries.append(Samples.entry(.published, version: judged))
        }
        return entries
    }()

    @Test("gives the same whichever ledger comes first, and a ledger with itself is itself")
    func order() {
        for left in Self.entries {
            #expect(LedgerMerge.later(left, left) == left)
            for right in Self.entries {
                #expect(LedgerMerge.later(left, right) == LedgerMerge.later(right, left))
                for third in Self.entries {
                    let one = LedgerMerge.later(LedgerMerge.later(left, right), third)
                    #expect(one == LedgerMerge.later(left, LedgerMerge.later(right, third)))
                }
            }
        }
    }

    @Test("keeps the later state and the cost of every attempt")
    func later() {
        for entry in Self.entries {
            let merged = LedgerMerge.later(Samples.entry(.published, version: Samples.version()), entry)
            #expect(merged.state == .published)
            #expect(merged.attempts == entry.attempts)
        }
        let both = LedgerMerge.later(Self.entries[6], Self.entries[7])
        #expect(both.attempts.map(\.cost) == [Money(micros: 7)])
    }

    @Test("makes a ledger of the versions of branches")
    func rebuilds() throws {
        let ledger = LedgerMerge.entries(from: [("main", Samples.version()), ("side", Samples.version(number: 2))])
        let entry = try #require(ledger[Samples.version().fingerprint])
        #expect(ledger.count == 1)
        #expect(entry.state == .published)
        #expect(entry.attempts.map(\.cost) == [Samples.version().cost])
        #expect(LedgerMerge.union(ledger, [:]) == ledger)
    }
}
