//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Foundation
import FtopsTestSupport
import Planning
import Testing

@testable import Reconciler

@Suite("A repository at rest")
struct RestingPlanTests {
    @Test("is planned once, and after that by what is remembered, in the same words", arguments: [false, true])
    func rests(hasOrigin: Bool) throws {
        let repository = try RestingRepository(hasOrigin: hasOrigin)
        let whole = try repository.wholePlan()
        #expect(whole.hasSuffix("Nothing to do: all 3 fine-tunes are up-to-date.\n"), "\(whole)")
        #expect(try !repository.isAtRest())
        for _ in 0..<2 {
            #expect(try repository.plan() == whole)
            #expect(try repository.isAtRest())
        }
    }

    @Test("is planned as a whole again after any change", arguments: RestingChange.all)
    func changes(_ change: RestingChange) throws {
        let repository = try RestingRepository(hasOrigin: change.takesOrigin)
        let before = try repository.plan()
        #expect(try repository.isAtRest())
        try change.apply(repository)
        #expect(try !repository.isAtRest())
        #expect((try repository.wholePlan() != before) == change.shows)
        // A plan takes away what it finds damaged in the cache.
        let whole = try repository.wholePlan()
        for _ in 0..<2 { #expect(try repository.plan() == whole) }
    }

    @Test("is not looked for where nothing may be taken from the cache, and is each work tree's and state folder's own")
    func others() throws {
        let repository = try RestingRepository(hasOrigin: false)
        _ = try repository.plan()
        #expect(try repository.isAtRest() && !repository.isAtRest(state: "other"))
        try FileManager.default.copyItem(atPath: repository.top, toPath: repository.sandbox.path("copy"))
        let copy = try repository.workspace(top: repository.sandbox.path("copy"))
        #expect(PlanService(copy).restingPlan() == nil)
        #expect(PlanService(try repository.workspace(remembers: false)).restingPlan() == nil)
        #expect(PlanService(try repository.workspace().forStrangers()).restingPlan() == nil)
    }

    @Test(
        "is not remembered of a plan after which something moved, before that was noted",
        arguments: RestingChange.all
    )
    func overtaken(_ change: RestingChange) throws {
        let repository = try RestingRepository(hasOrigin: change.takesOrigin)
        let service = PlanService(try repository.workspace())
        let planned = try service.plan(at: .present)
        try change.apply(repository)
        service.rememberRest(planned)
        #expect(try !repository.isAtRest())
    }

    @Test("is of one user, program and environment, whatever shell and window they are in")
    func surroundings() throws {
        let repository = try RestingRepository(hasOrigin: false)
        let workspace = try repository.workspace()
        let here = Surroundings(program: "a", user: 1, environment: ["A=1", "TERM=xterm"].map { Array($0.utf8)[...] })
        let note = RestNote(
            fineTunes: 3,
            settings: GitSettings(remote: "origin", branch: nil, push: false, ledger: "refs/ftops/ledger"),
            data: ["data/rows.jsonl"],
            questions: [.file("/a"), .base("/b")],
            digest: "c"
        )
        RestNotes(workspace.repository, workspace.places, in: here)?.keep(note)
        func recalls(_ change: (inout Surroundings) -> Void) -> Bool {
            var there = here
            change(&there)
            return RestNotes(workspace.repository, workspace.places, in: there)?.recall() == note
        }
        #expect(recalls { $0.environment.reverse() })
        #expect(recalls { $0.environment[1] = Array("TERM=dumb".utf8)[...] })
        #expect(!recalls { $0.environment[0] = Array("A=2".utf8)[...] })
        #expect(!recalls { $0.environment.append(Array("B=".utf8)[...]) })
        #expect(!recalls { $0.program = "b" } && !recalls { $0.user = 0 })
    }

    @Test("says what a whole plan says, whatever happens to it", arguments: 1...4 as ClosedRange<UInt64>)
    func property(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var rests = 0
        for _ in 0..<3 {
            let hasOrigin = Bool.random(using: &random)
            let repository = try RestingRepository(hasOrigin: hasOrigin)
            var happened: [String] = []
            rests += try check(repository, "seed \(seed)")
            for _ in 0..<4 {
                let change = random.pick(RestingChange.all.filter { hasOrigin || !$0.takesOrigin })
                happened.append(change.testDescription)
                // What an earlier change took away cannot change again.
                try? change.apply(repository)
                rests += try check(repository, "seed \(seed): \(happened)")
                if Bool.random(using: &random) { try? repository.mend() }
                if Bool.random(using: &random) { try? repository.commit() }
                if Bool.random(using: &random) { try? repository.trainAll() }
                rests += try check(repository, "seed \(seed), later: \(happened)")
            }
        }
        #expect(rests > 2, "seed \(seed)")
    }

    /// Compares plans by what is remembered with whole ones; says how often something was.
    private func check(_ repository: RestingRepository, _ happened: String) throws -> Int {
        var rests = 0
        for _ in 0..<2 {
            let resting = try repository.restingPlan()
            // A plan takes away what it finds damaged in the cache.
            _ = try repository.wholePlan()
            let whole = try repository.wholePlan()
            if let resting {
                rests += 1
                #expect(resting == whole, "\(happened)")
            }
            #expect(try repository.plan() == whole, "\(happened)")
        }
        return rests
    }
}
