//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// One machine in the search: what its processes are about to do, and what its disk has.
struct MachineState: Equatable {
    /// Where `apply` stands.
    enum Apply: UInt8 {
        case none
        /// It has read the tip and will decide.
        case read
        /// It has a run to go on with and will start a supervisor.
        case spawning
    }

    /// Where the supervisor stands, which has the run's lock as long as it lives.
    enum Supervisor: UInt8 {
        case none
        /// It has the lock, and a trainer of an earlier supervisor may still run.
        case fresh
        case ready
        /// It has read the tip and will decide.
        case read
        /// Its attempt is in the ledger, and the trainer is not spawned.
        case spawning
        /// It has seen that the branch lacks the version, and will commit.
        case committing
    }

    /// What the file `done` says.
    enum Done: UInt8 {
        case none
        case completed
        case failed
    }

    var apply = Apply.none
    var applyRetries = false
    var applyRead: UInt16 = 0
    var applyClock: UInt8 = 0

    var supervisor = Supervisor.none
    var read: UInt16 = 0
    var readClock: UInt8 = 0
    var isWatching = false
    var watched: UInt16 = 0
    var watchClock: UInt8 = 0
    var branchRead: UInt8 = 0

    /// The attempt whose trainer runs, else 0.
    var trainer: UInt8 = 0
    /// Whether the trainer is the living supervisor's child.
    var isChild = false
    /// Whether the child ended: 1 with weights, 2 with a failure, and waits to be reaped.
    var exit: UInt8 = 0
    var done = Done.none
    var doneAttempt: UInt8 = 0
    /// Whether somebody at the machine wants the run to stop at a checkpoint.
    var wishesPause = false
    /// Whether the machine's store has the result of another repository's training.
    var hasShared = false

    /// Two words that say all of it.
    var packed: (UInt64, UInt64) {
        var low = UInt64(apply.rawValue) | UInt64(applyRead) << 2 | UInt64(applyClock) << 18
        low |= UInt64(read) << 26 | UInt64(readClock) << 42 | UInt64(supervisor.rawValue) << 50
        low |= (applyRetries ? 1 : 0) << 53 | (isWatching ? 1 : 0) << 54 | UInt64(branchRead) << 55
        var high = UInt64(watched) | UInt64(watchClock) << 16 | UInt64(trainer) << 24 | UInt64(exit) << 28
        high |= UInt64(done.rawValue) << 30 | UInt64(doneAttempt) << 32 | (isChild ? 1 : 0) << 36
        high |= (wishesPause ? 1 : 0) << 37 | (hasShared ? 1 : 0) << 38
        return (low, high)
    }

    mutating func endApply() {
        (apply, applyRetries, applyRead, applyClock) = (.none, false, 0, 0)
    }

    mutating func endSupervisor() {
        supervisor = .none
        forgetRead()
        (isWatching, watched, watchClock, isChild) = (false, 0, 0, false)
        // Nobody reaps what an orphan said at its end.
        exit = 0
    }

    mutating func forgetRead() { (read, readClock, branchRead) = (0, 0, 0) }

    mutating func endTrainer() { (trainer, isChild, exit) = (0, false, 0) }
}

/// How often what may go wrong still goes wrong.
struct Budget: Equatable {
    var crashes: UInt8 = 0
    var lostReplies: UInt8 = 0
    var ticks: UInt8 = 0
    var days: UInt8 = 0
    var cancels: UInt8 = 0
    var retries: UInt8 = 0
    var resolves: UInt8 = 0
    var failures: UInt8 = 0
    var givesUp: UInt8 = 0
    var pauses: UInt8 = 0
    var wishes: UInt8 = 0
    var shares: UInt8 = 0

    var packed: UInt64 {
        let counts = [
            crashes, lostReplies, ticks, days, cancels, retries, resolves, failures, givesUp, pauses, wishes,
            shares,
        ]
        return counts.reduce(0) { $0 << 2 | UInt64($1) }
    }
}

/// Two machines and one run that both want.
struct World {
    /// The ledger's entry, by its number in the oracle; 0 is none.
    var entry: UInt16 = 0
    /// Twenty-minute ticks since the beginning.
    var clock: UInt8 = 0
    /// The versions on the branch: 1 is the first machine's, 2 the second's, 4 another repository's.
    var branch: UInt8 = 0
    /// Whether a started run was taken over as the rules allow, so that two trainers may run.
    var wasTakenOver = false
    var first = MachineState()
    var second = MachineState()
    var budget: Budget

    subscript(machine: Int) -> MachineState {
        get { machine == 0 ? first : second }
        set { if machine == 0 { first = newValue } else { second = newValue } }
    }

    struct Key: Hashable {
        let words: (UInt64, UInt64, UInt64, UInt64, UInt64)

        static func == (left: Key, right: Key) -> Bool { left.words == right.words }

        func hash(into hasher: inout Hasher) {
            hasher.combine(words.0)
            hasher.combine(words.1)
            hasher.combine(words.2)
            hasher.combine(words.3)
            hasher.combine(words.4)
        }
    }

    var key: Key {
        let (one, two) = (first.packed, second.packed)
        let common = UInt64(entry) | UInt64(clock) << 16 | UInt64(branch) << 24 | (wasTakenOver ? 1 : 0) << 28
        return Key(words: (one.0, one.1, two.0, two.1, common | budget.packed << 29))
    }
}
