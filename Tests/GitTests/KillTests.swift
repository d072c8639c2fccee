//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Foundation
import FtopsTestSupport
import Testing

@testable import Git

@Suite("advances that are killed", .serialized)
struct KillTests {
    static let kills = ProcessInfo.processInfo.environment["FTOPS_KILLS"].flatMap(Int.init) ?? 6

    @Test("killed at random moments, an advance is finished or taken back with nothing lost")
    func recovers() throws {
        var random = SystemRandomNumberGenerator()
        var recoveries: [WorkTreeAdvance.Recovery] = []
        for kill in 0..<Self.kills {
            let scene = try Scene()
            let process = try LineProcess("ledger-racer", ["advance", scene.top, scene.note, scene.new.hex])
            #expect(process.line() == "ready")
            let pause = UInt32.random(in: 0...150_000, using: &random)
            try process.send("0")
            Thread.sleep(forTimeInterval: Double(pause) / 1_000_000)
            process.kill()
            process.end()
            let recovery = try WorkTreeAdvance.recover(note: scene.note)
            recoveries.append(recovery)
            let comment: Comment = "kill \(kill) after \(pause) microseconds: \(recovery)"
            let hasMoved = try scene.repository.head.commit == scene.new
            if hasMoved { try scene.expectAdvanced(comment) } else { try scene.expectUntouched(comment) }
        }
        #expect(recoveries.count == Self.kills)
    }
}
