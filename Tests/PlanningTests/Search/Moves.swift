//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Planning
import Resources

/// What happened in a move, for the trace that leads to a bad state.
struct MoveName: CustomStringConvertible {
    let machine: Int?
    let what: StaticString
    var step: LedgerOracle.Step?

    var description: String {
        let who = machine.map { $0 == 0 ? "a: " : "b: " } ?? ""
        return who + "\(what)" + (step.map { " \($0)" } ?? "")
    }
}

/// All that can happen next in a world.
struct Moves {
    let oracle: LedgerOracle
    /// The machines that take part.
    var machines = [0, 1]
    /// Whether `apply` is started beside a living supervisor too, which it can only watch.
    var overlaps = false
    private(set) var found: [(name: MoveName, world: World)] = []
    var violations: [String] = []
    private var origin: UInt16 = 0

    init(oracle: LedgerOracle) { self.oracle = oracle }

    mutating func begin(_ world: World) {
        found.removeAll(keepingCapacity: true)
        origin = world.entry
    }

    mutating func all(from world: World) {
        begin(world)
        for machine in machines {
            apply(world, machine)
            supervise(world, machine)
            train(world, machine)
            crash(world, machine)
        }
        people(world)
        time(world)
    }

    mutating func add(_ machine: Int?, _ what: StaticString, _ world: World, step: LedgerOracle.Step? = nil) {
        found.append((MoveName(machine: machine, what: what, step: step), world))
        if world.entry != origin { refresh() }
    }

    /// Whoever is about to swap on a tip that has moved will be refused and read again: nothing else can come of it.
    private mutating func refresh() {
        let last = found.count - 1
        for machine in machines {
            let state = found[last].world[machine]
            if state.apply == .read, state.applyRead != found[last].world.entry {
                Self.readForApply(&found[last].world, machine, retries: state.applyRetries)
            }
            if state.supervisor == .read, state.read != found[last].world.entry, isSwap(state, machine) {
                Self.settleDown(&found[last].world, machine)
            }
        }
    }

    private func isSwap(_ state: MachineState, _ machine: Int) -> Bool {
        switch supervisorStep(state, machine) {
        case .claim, .takeOverClaimed, .takeOverStarted, .start, .pause, .fail, .deliver, .settle: true
        case .follow, .haltTrainer, .stopTrainer, .publish, .wait, .rest, .finished: false
        }
    }

    // MARK: - The ledger

    /// A compare-and-swap on what was read: done, refused, or done with its reply lost.
    mutating func swap(
        _ step: LedgerOracle.Step,
        _ world: World,
        _ machine: Int,
        read: UInt16,
        clock: UInt8,
        done: (inout World) -> Void,
        unknown: (inout World) -> Void
    ) {
        guard case .entry(let next) = oracle.outcome(step, of: read, machine: machine, clock: clock),
            read == world.entry
        else {
            var again = world
            unknown(&again)
            return add(machine, "is refused", again, step: step)
        }
        var moved = world
        moved.entry = next
        if case .takeOverStarted = step { moved.wasTakenOver = true }
        var known = moved
        done(&known)
        add(machine, "takes", known, step: step)
        guard world.budget.lostReplies > 0 else { return }
        moved.budget.lostReplies -= 1
        unknown(&moved)
        add(machine, "loses the reply to", moved, step: step)
    }

    // MARK: - apply

    mutating func apply(_ world: World, _ machine: Int) {
        switch world[machine].apply {
        case .none: startApply(world, machine)
        case .read: decideApply(world, machine)
        case .spawning: spawnSupervisor(world, machine)
        }
    }

    private mutating func startApply(_ world: World, _ machine: Int) {
        guard world[machine].supervisor == .none || overlaps else { return }
        var next = world
        Self.readForApply(&next, machine, retries: false)
        add(machine, "apply reads", next)
        guard world.budget.retries > 0, oracle.entry(world.entry)?.state == .failed else { return }
        Self.readForApply(&next, machine, retries: true)
        next.budget.retries -= 1
        add(machine, "apply --retry-failed reads", next)
    }

    private static func readForApply(_ world: inout World, _ machine: Int, retries: Bool) {
        world[machine].apply = .read
        world[machine].applyRetries = retries
        world[machine].applyRead = world.entry
        world[machine].applyClock = world.clock
    }

    private mutating func decideApply(_ world: World, _ machine: Int) {
        // Whoever applies wants the run to go on.
        var world = world
        world[machine].wishesPause = false
        let state = world[machine]
        // A supervisor that lives has the run's lock: there is nothing to do but watch it.
        guard state.supervisor == .none else { return endApply(world, machine) }
        let step = oracle.next(
            state.applyRead,
            state,
            retry: state.applyRetries,
            watching: false,
            machine: machine,
            clock: state.applyClock
        )
        switch step {
        case .finished, .rest: endApply(world, machine)
        case .claim:
            swap(
                .claim(retry: state.applyRetries),
                world,
                machine,
                read: state.applyRead,
                clock: state.applyClock,
                done: { $0[machine].apply = .spawning },
                unknown: { Self.readForApply(&$0, machine, retries: $0[machine].applyRetries) }
            )
        default: startSupervisor(world, machine)
        }
    }

    private mutating func endApply(_ world: World, _ machine: Int) {
        var next = world
        next[machine].endApply()
        add(machine, "apply ends", next)
    }

    private mutating func startSupervisor(_ world: World, _ machine: Int) {
        var next = world
        next[machine].endApply()
        if world[machine].supervisor == .none {
            next[machine].supervisor = world[machine].trainer > 0 ? .fresh : .ready
        }
        add(machine, "apply starts a supervisor", next)
    }

    private mutating func spawnSupervisor(_ world: World, _ machine: Int) {
        startSupervisor(world, machine)
        guard world.budget.givesUp > 0, world[machine].supervisor == .none, world[machine].trainer == 0 else { return }
        guard case .entry(let given) = oracle.outcome(.giveUp, of: world.entry, machine: machine, clock: world.clock)
        else { return }
        var next = world
        next.entry = given
        next.budget.givesUp -= 1
        next[machine].endApply()
        add(machine, "apply gives up", next)
    }

    mutating func train(_ world: World, _ machine: Int) {
        guard world[machine].trainer > 0, world[machine].exit == 0 else { return }
        var next = world
        end(&next, machine, exit: 1)
        add(machine, "trainer completes", next)
        guard world.budget.failures > 0 else { return }
        next = world
        next.budget.failures -= 1
        end(&next, machine, exit: 2)
        add(machine, "trainer fails", next)
    }

    private func end(_ world: inout World, _ machine: Int, exit: UInt8) {
        if world[machine].isChild { world[machine].exit = exit } else { world[machine].endTrainer() }
    }

    private mutating func crash(_ world: World, _ machine: Int) {
        guard world.budget.crashes > 0 else { return }
        let state = world[machine]
        var start = world
        start.budget.crashes -= 1
        if state.apply != .none {
            var next = start
            next[machine].endApply()
            add(machine, "apply is killed", next)
        }
        if state.supervisor != .none {
            var next = start
            Self.killSupervisor(&next, machine)
            add(machine, "supervisor is killed", next)
        }
        if state.trainer > 0, state.exit == 0 {
            var next = start
            next[machine].endTrainer()
            add(machine, "trainer is killed", next)
        }
        if state.trainer > 0 || (state.apply != .none && state.supervisor != .none) {
            Self.killAll(&start, machine)
            add(machine, "all are killed", start)
        }
    }

    /// A trainer that ended and was not reaped has said nothing: `done` is its supervisor's to write.
    private static func killSupervisor(_ world: inout World, _ machine: Int) {
        if world[machine].exit > 0 { world[machine].endTrainer() }
        world[machine].endSupervisor()
    }

    static func killAll(_ world: inout World, _ machine: Int) {
        world[machine].endApply()
        world[machine].endSupervisor()
        world[machine].endTrainer()
    }

    private mutating func people(_ world: World) {
        if world.budget.cancels > 0,
            case .entry(let entry) = oracle.outcome(.cancel, of: world.entry, machine: 0, clock: world.clock)
        {
            var next = world
            next.entry = entry
            next.budget.cancels -= 1
            add(nil, "somebody cancels", next)
        }
        if world.budget.resolves > 0,
            case .entry(let entry) = oracle.outcome(.resolve, of: world.entry, machine: 0, clock: world.clock)
        {
            var next = world
            next.entry = entry
            next.budget.resolves -= 1
            add(nil, "somebody says that it is lost", next)
        }
        pauses(world)
        share(world)
    }

    private mutating func share(_ world: World) {
        for machine in machines where world.budget.shares > 0 && !world[machine].hasShared {
            var next = world
            next[machine].hasShared = true
            next.budget.shares -= 1
            add(machine, "another repository trains the same", next)
        }
    }

    private mutating func pauses(_ world: World) {
        if world.budget.pauses > 0,
            case .entry(let entry) = oracle.outcome(.askToPause, of: world.entry, machine: 0, clock: world.clock)
        {
            var next = world
            next.entry = entry
            next.budget.pauses -= 1
            add(nil, "somebody pauses", next)
        }
        if case .entry(let entry) = oracle.outcome(.resume, of: world.entry, machine: 0, clock: world.clock),
            entry != world.entry
        {
            var next = world
            next.entry = entry
            add(nil, "somebody resumes", next)
        }
        for machine in machines where world.budget.wishes > 0 && !world[machine].wishesPause {
            var next = world
            next[machine].wishesPause = true
            next.budget.wishes -= 1
            add(machine, "Ctrl-C wishes a pause", next)
        }
    }

    private mutating func time(_ world: World) {
        if world.budget.ticks > 0 {
            var next = world
            next.clock += 1
            next.budget.ticks -= 1
            add(nil, "twenty minutes pass", next)
        }
        if world.budget.days > 0 {
            var next = world
            next.clock += 75
            next.budget.days -= 1
            add(nil, "a day passes", next)
        }
    }
}
