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

/// A process of `ledger-racer`, spoken to by lines.
private final class Racer {
    private let process = Process()
    private let (input, output) = (Pipe(), Pipe())
    private var rest = Data()

    init(_ mode: String, _ repository: String, _ count: Int, name: Int) throws {
        let folder = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        process.executableURL = folder.appendingPathComponent("ledger-racer")
        process.arguments = [mode, repository, "\(count)", "\(name)"]
        process.standardInput = input
        process.standardOutput = output
        try process.run()
    }

    func line() throws -> String {
        while true {
            if let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                defer { rest = Data(rest[(end + 1)...]) }
                return String(decoding: rest[..<end], as: UTF8.self)
            }
            let more = output.fileHandleForReading.availableData
            try #require(!more.isEmpty, "a racer ended early")
            rest.append(more)
        }
    }

    func go(at instant: UInt64) throws { try input.fileHandleForWriting.write(contentsOf: Data("\(instant)\n".utf8)) }

    func end() -> Int32 {
        process.waitUntilExit()
        return process.terminationStatus
    }
}

@Suite("races of processes", .serialized)
struct RaceTests {
    static let races = ProcessInfo.processInfo.environment["FTOPS_RACES"].flatMap(Int.init) ?? 20

    private func start(_ racers: [Racer]) throws {
        for racer in racers { #expect(try racer.line() == "ready") }
        let instant = DispatchTime.now().uptimeNanoseconds + 1_000_000
        for racer in racers { try racer.go(at: instant) }
    }

    @Test("of four processes that all found no ledger, one takes the first step")
    func firstStep() throws {
        let sandbox = try GitSandbox()
        let path = try sandbox.bare()
        let racers = try (0..<4).map { try Racer("first", path, Self.races, name: $0) }
        let repository = try GitRepository(path: path)
        for race in 0..<Self.races {
            try start(racers)
            let ends = try racers.map { try $0.line() }
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
        let racers = try (0..<4).map { try Racer("steps", path, steps, name: $0) }
        try start(racers)
        if isPacked { try sandbox.git("gc", "-q", in: path) }
        let ends = try racers.map { try $0.line() }
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
