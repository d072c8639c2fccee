//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Foundation
import FtopsTestSupport
import Git
import Ledger
import Planning
import Resources
import Testing

@Suite("races of processes", .serialized)
struct RaceTests {
    static let races = ProcessInfo.processInfo.environment["FTOPS_RACES"].flatMap(Int.init) ?? 20

    private func racer(_ mode: String, _ repository: String, _ count: Int, name: Int) throws -> LineProcess {
        try LineProcess("ledger-racer", [mode, repository, "\(count)", "\(name)"])
    }

    private func start(_ racers: [LineProcess]) throws {
        for racer in racers { #expect(racer.line() == "ready") }
        let instant = DispatchTime.now().uptimeNanoseconds + 1_000_000
        for racer in racers { try racer.send("\(instant)") }
    }

    @Test("of four processes that all found no ledger, one takes the first step")
    func firstStep() throws {
        let sandbox = try GitSandbox()
        let path = try sandbox.bare()
        let racers = try (0..<4).map { try racer("first", path, Self.races, name: $0) }
        let repository = try GitRepository(path: path)
        for race in 0..<Self.races {
            try start(racers)
            let ends = racers.map { $0.line() ?? "ended early" }
            #expect(Set(ends).count == 1, "race \(race): \(ends)")
            let tip = try repository.resolve("refs/ftops/race-\(race)")
            #expect(try repository.commit(tip).parents.isEmpty)
            #expect(ends.first?.hasSuffix(tip.hex) == true)
        }
        #expect(racers.map { $0.end() } == [0, 0, 0, 0])
    }

    @Test("no step of four processes on one ledger is lost", arguments: [false, true])
    func noLostSteps(isPacked: Bool) throws {
        let sandbox = try GitSandbox()
        let path = try sandbox.bare()
        let steps = max(10, Self.races / 4)
        let racers = try (0..<4).map { try racer("steps", path, steps, name: $0) }
        try start(racers)
        if isPacked { try sandbox.git("gc", "-q", in: path) }
        let ends = racers.map { $0.line() ?? "ended early" }
        #expect(Set(ends) == ["done"], "\(ends)")
        #expect(racers.map { $0.end() } == [0, 0, 0, 0])
        let ledger = try RunLedger(repository: GitRepository(path: path), hasVersions: false)
        let entries = try ledger.read().entries
        #expect(entries.count == 4 * steps + 1)
        let shared = entries.values.max { $0.attempts.count < $1.attempts.count }
        #expect(shared?.attempts.map(\.number) == Array(1...4 * steps))
        #expect(try sandbox.git("rev-list", "--count", "refs/ftops/ledger", in: path) == "\(4 * steps)")
        try sandbox.git("fsck", "--strict", in: path)
    }
}
