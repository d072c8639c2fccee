//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Planning
import Resources

// What a supervisor does, which has the run's lock on its machine.

extension Moves {
    mutating func supervise(_ world: World, _ machine: Int) {
        var next = world
        switch world[machine].supervisor {
        case .none: return
        case .fresh:
            next[machine].endTrainer()
            next[machine].supervisor = .ready
            add(machine, "supervisor ends what still runs", next)
        case .ready:
            next[machine].supervisor = .read
            next[machine].read = world.entry
            next[machine].readClock = world.clock
            add(machine, "supervisor reads", next)
            reap(world, machine)
        case .read: decide(world, machine)
        case .spawning: spawnTrainer(world, machine)
        case .committing: commit(world, machine)
        }
    }

    private mutating func reap(_ world: World, _ machine: Int) {
        let state = world[machine]
        guard state.isChild, state.exit > 0 else { return }
        var next = world
        next[machine].done = state.exit == 1 ? .completed : .failed
        next[machine].doneAttempt = state.trainer
        next[machine].endTrainer()
        add(machine, "supervisor writes done", next)
    }

    private mutating func spawnTrainer(_ world: World, _ machine: Int) {
        var next = world
        if world[machine].trainer > 0 { violations.append("two trainers on machine \(machine)") }
        let entry = oracle.entry(world.entry)
        if entry?.state == .paused, entry?.holder.id == LedgerOracle.machines[machine].id {
            violations.append("a paused run is trained")
        }
        let attempt = world[machine].branchRead
        next[machine].done = .none
        next[machine].doneAttempt = 0
        next[machine].trainer = attempt
        next[machine].isChild = true
        Self.settleDown(&next, machine)
        if next.first.trainer > 0, next.second.trainer > 0, !next.wasTakenOver {
            violations.append("two machines train without a takeover")
        }
        add(machine, "supervisor spawns the trainer", next)
    }

    static func settleDown(_ world: inout World, _ machine: Int) {
        world[machine].supervisor = .ready
        world[machine].forgetRead()
    }

    private mutating func decide(_ world: World, _ machine: Int) {
        let state = world[machine]
        switch supervisorStep(state, machine) {
        case .claim: swap(.claim(retry: false), world, machine)
        case .start, .takeOverStarted: begin(world, machine)
        case .takeOverClaimed:
            swap(.takeOverClaimed(watched: state.watched, since: state.watchClock), world, machine)
        case .fail(let failure, let attempt):
            let kind: UInt8 = failure == LedgerOracle.failures[0] ? 0 : 1
            if kind == 1, attempt.map({ UInt8($0) }) != state.doneAttempt {
                violations.append("an attempt fails by the end of another one")
            }
            swap(.fail(kind: kind, attempt: UInt8(attempt ?? 0)), world, machine)
        case .pause(let attempt):
            if state.trainer > 0 { violations.append("a run is paused that is trained") }
            swap(.pause(attempt: UInt8(attempt ?? 0), wished: state.wishesPause), world, machine)
        case .settle(let attempt, _): swap(.settle(attempt: UInt8(attempt)), world, machine)
        case .deliver(let attempt): swap(.deliver(attempt: UInt8(attempt)), world, machine)
        case .publish: publish(world, machine)
        case .follow: follow(world, machine)
        case .haltTrainer: haltTrainer(world, machine)
        case .stopTrainer: stopTrainer(world, machine)
        case .wait: wait(world, machine)
        case .finished, .rest:
            var next = world
            next[machine].endSupervisor()
            add(machine, "supervisor ends", next)
        }
    }

    /// The look at the store comes after the decision to begin, and before it is written.
    private mutating func begin(_ world: World, _ machine: Int) {
        let isTaking = supervisorStep(world[machine], machine) == .takeOverStarted
        let request = oracle.entry(world[machine].read)?.request
        if world[machine].hasShared, request == nil { return swap(.reuse, world, machine) }
        swapStart(isTaking ? .takeOverStarted : .start, world, machine)
    }

    func supervisorStep(_ state: MachineState, _ machine: Int) -> RunStep {
        oracle.next(
            state.read,
            state,
            retry: false,
            watching: state.isWatching,
            machine: machine,
            clock: state.readClock
        )
    }

    private mutating func swap(_ step: LedgerOracle.Step, _ world: World, _ machine: Int) {
        let state = world[machine]
        swap(
            step,
            world,
            machine,
            read: state.read,
            clock: state.readClock,
            done: { Self.settleDown(&$0, machine) },
            unknown: { Self.settleDown(&$0, machine) }
        )
    }

    /// A new attempt is spawned only by whoever knows that it is in the ledger.
    private mutating func swapStart(_ step: LedgerOracle.Step, _ world: World, _ machine: Int) {
        let (state, oracle) = (world[machine], oracle)
        swap(
            step,
            world,
            machine,
            read: state.read,
            clock: state.readClock,
            done: { world in
                Self.settleDown(&world, machine)
                guard let entry = oracle.entry(world.entry), entry.state == .started else { return }
                world[machine].supervisor = .spawning
                world[machine].branchRead = UInt8(entry.attempts.last?.number ?? 0)
            },
            unknown: { Self.settleDown(&$0, machine) }
        )
    }

    private mutating func publish(_ world: World, _ machine: Int) {
        guard let id = oracle.entry(world[machine].read)?.version?.id else { return }
        guard world.branch & Self.bit(id) == 0 else { return swap(.publish, world, machine) }
        var next = world
        next[machine].supervisor = .committing
        next[machine].branchRead = world.branch
        add(machine, "supervisor makes a commit", next)
    }

    private static func bit(_ id: VersionID) -> UInt8 {
        LedgerOracle.records.firstIndex { $0.id == id }.map { 1 << UInt8($0) } ?? 0
    }

    private mutating func commit(_ world: World, _ machine: Int) {
        var next = world
        Self.settleDown(&next, machine)
        guard world.branch == world[machine].branchRead else {
            return add(machine, "the branch has moved", next)
        }
        if let id = oracle.entry(world[machine].read)?.version?.id {
            next.branch |= Self.bit(id)
            if world.branch != 0 { violations.append("two commits of a version") }
        }
        add(machine, "supervisor moves the branch", next)
    }

    private mutating func follow(_ world: World, _ machine: Int) {
        var next = world
        Self.settleDown(&next, machine)
        add(machine, "supervisor follows", next)
        let entry = oracle.entry(world[machine].read)
        if entry?.holder.id == LedgerOracle.machines[machine].id { swap(.renew, world, machine) }
    }

    private mutating func haltTrainer(_ world: World, _ machine: Int) {
        var next = world
        Self.settleDown(&next, machine)
        // One that ended while it was asked to stop has what it ended with.
        if world[machine].exit == 0 { next[machine].endTrainer() }
        add(machine, "supervisor lets the trainer stop", next)
    }

    private mutating func stopTrainer(_ world: World, _ machine: Int) {
        var next = world
        Self.settleDown(&next, machine)
        next[machine].done = .failed
        next[machine].doneAttempt = world[machine].trainer
        next[machine].endTrainer()
        add(machine, "supervisor ends the trainer", next)
    }

    private mutating func wait(_ world: World, _ machine: Int) {
        var next = world
        next[machine].endSupervisor()
        add(machine, "supervisor leaves it to the other", next)
        next = world
        if !world[machine].isWatching || world[machine].watched != world[machine].read {
            next[machine].isWatching = true
            next[machine].watched = world[machine].read
            next[machine].watchClock = world[machine].readClock
        }
        Self.settleDown(&next, machine)
        add(machine, "supervisor watches", next)
    }
}
