//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import FtopsTestSupport
import Ledger
import Testing

@testable import Reconciler

@Suite("Plans by what is remembered")
struct PlanMemoryTests {
    @Test(
        "are those that are made without, whatever happens to the repository",
        arguments: 1...4 as ClosedRange<UInt64>
    )
    func same(seed: UInt64) throws {
        let random = try RandomRepository(seed: seed)
        var actions: Set<String> = []
        for step in 0..<10 {
            let change = try random.change()
            let plain = try random.plan(.without)
            #expect(try random.plan(.warm) == plain, "seed \(seed), step \(step): \(change)")
            #expect(try random.plan(.warm) == plain, "seed \(seed), step \(step), again: \(change)")
            #expect(try random.plan(.cold) == plain, "seed \(seed), step \(step), cold: \(change)")
            actions.formUnion(random.actions)
        }
        #expect(actions.contains("up-to-date") && actions.count > 1, "\(actions)")
    }

    @Test("parse nothing again where nothing changed, and say what is broken all the same")
    func brokenRecord() throws {
        let random = try RandomRepository(seed: 5)
        for _ in 0..<4 { _ = try random.change() }
        try random.trainAll()
        _ = try random.plan(.warm)
        let before = try random.files()
        _ = try random.plan(.warm)
        #expect(try random.files() == before)
        try random.sandbox.write("kind: [", to: "work/versions/acme/broken/1-aaaaaaaaaaaa.yaml")
        try random.commit()
        #expect(throws: LedgerError.self) { try random.plan(.warm) }
        #expect(throws: LedgerError.self) { try random.plan(.without) }
    }
}
