//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Planning

/// What becomes of a world in which nothing more goes wrong: whoever is alive goes on until the run has ended.
struct FairRun {
    private let oracle: LedgerOracle
    private var moves: Moves
    private var good: [Set<World.Key>] = [[], [], []]

    init(oracle: LedgerOracle) {
        self.oracle = oracle
        moves = Moves(oracle: oracle)
    }

    /// Whether the run ends well, with both machines or with only one of them coming back.
    mutating func endsWell(_ world: World, dead: Int?) -> Bool {
        var world = world
        world.budget = Budget()
        if let dead { Moves.killAll(&world, dead) }
        let alive = (0...1).filter { $0 != dead }
        let memory = dead ?? 2
        var seen: [World.Key] = []
        for round in 0..<8 {
            letGoOn(&world, dead)
            let key = world.key
            if isEnd(world, alive) || good[memory].contains(key) {
                good[memory].formUnion(seen)
                return true
            }
            seen.append(key)
            for machine in alive { goOn(&world, machine) }
            // Twenty minutes for claims, and now and then more than a day for started runs.
            world.clock += round % 3 == 2 ? 75 : 1
        }
        return false
    }

    /// Somebody resumes what somebody paused; where it was paused on a machine that is gone, somebody says so.
    private func letGoOn(_ world: inout World, _ dead: Int?) {
        if case .entry(let entry) = oracle.outcome(.resume, of: world.entry, machine: 0, clock: world.clock) {
            world.entry = entry
        }
        guard let dead, let entry = oracle.entry(world.entry), entry.state == .paused,
            entry.holder.id == LedgerOracle.machines[dead].id,
            case .entry(let lost) = oracle.outcome(.resolve, of: world.entry, machine: 0, clock: world.clock)
        else { return }
        world.entry = lost
    }

    /// Published, on the branch, and nobody is at it any more; or failed, and nobody who lives has a result.
    private func isEnd(_ world: World, _ alive: [Int]) -> Bool {
        guard let entry = oracle.entry(world.entry) else { return false }
        guard alive.allSatisfy({ world[$0].supervisor == .none && world[$0].trainer == 0 }) else { return false }
        switch entry.state {
        case .published: return world.branch != 0
        case .failed: return alive.allSatisfy { world[$0].done != .completed }
        case .claimed, .started, .paused, .trained: return false
        }
    }

    private mutating func goOn(_ world: inout World, _ machine: Int) {
        if world[machine].apply == .none, world[machine].supervisor == .none { step(&world) { $0.apply($1, machine) } }
        for _ in 0..<24 {
            if world[machine].trainer > 0, world[machine].isChild, world[machine].exit == 0 {
                step(&world) { $0.train($1, machine) }
            }
            if world[machine].apply != .none { step(&world) { $0.apply($1, machine) } }
            guard world[machine].supervisor != .none else {
                if world[machine].apply == .none {
                    // A trainer that nobody needs any more comes to its end by itself.
                    return step(&world) { $0.train($1, machine) }
                }
                continue
            }
            // Of two ways to go on the second is reaping, renewing the lease, or watching on.
            step(&world, last: true) { $0.supervise($1, machine) }
        }
    }

    private mutating func step(_ world: inout World, last: Bool = false, _ move: (inout Moves, World) -> Void) {
        moves.begin(world)
        move(&moves, world)
        if let next = last ? moves.found.last : moves.found.first { world = next.world }
    }
}
