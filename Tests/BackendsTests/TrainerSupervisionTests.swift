//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Backends
import POSIX
import Resources
import Runs
import Testing

@Suite("Decisions about a trainer")
struct TrainerSupervisionTests {
    private let digest = RunFolder.digest(of: [])

    private func running(furthest: Int = 0) -> TrainerSupervision {
        var machine = TrainerSupervision(furthest: furthest)
        for event in [.lock(isTaken: true), .done(nil), .device, .spawned] as [TrainerSupervision.Event] {
            _ = machine.on(event)
        }
        return machine
    }

    @Test("takes the lock, reads the end, takes the devices, and only then starts the trainer")
    func order() {
        var machine = TrainerSupervision()
        #expect(machine.on(.lock(isTaken: false)) == [.endPrevious])
        #expect(machine.on(.lock(isTaken: true)) == [.readDone])
        #expect(machine.on(.done(nil)) == [.takeDevice])
        #expect(machine.on(.device) == [.spawn(again: nil)])
        #expect(machine.on(.spawned) == [])
    }

    @Test("starts nothing where the run has ended")
    func ended() {
        for (outcome, expected) in [
            (.completed(digest), .completed(digest)),
            (.failed(kind: "data", message: "m"), .failed(kind: "data", message: "m")),
        ] as [(Done.Outcome, TrainerOutcome)] {
            var machine = TrainerSupervision()
            _ = machine.on(.lock(isTaken: true))
            #expect(machine.on(.done(outcome)) == [.finish(expected)])
        }
    }

    @Test("writes down a completed training before it says so")
    func completes() {
        var machine = running()
        let actions = machine.on(.ended(.exited(0), .init(output: digest)))
        #expect(actions == [.write(.completed(digest), .exited(0)), .finish(.completed(digest))])
    }

    @Test(
        "takes the class of a failure from the trainer's own word, else calls it the trainer's fault",
        arguments: [
            (ProcessEnd.exited(1), TrainerSupervision.Remains(failure: .init(kind: "memory", message: "m")), "memory"),
            (.exited(1), .init(), "trainer"),
            (.exited(2), .init(log: "usage"), "trainer"),
            (.exited(127), .init(), "trainer"),
            (.exited(0), .init(), "trainer"),
        ]
    )
    func fails(end: ProcessEnd, remains: TrainerSupervision.Remains, kind: String) {
        var machine = running()
        let actions = machine.on(.ended(end, remains))
        guard case .write(.failed(let written, let message), end) = actions.first else {
            Issue.record("no failure was written: \(actions)")
            return
        }
        #expect(written == kind)
        #expect(actions.last == .finish(.failed(kind: kind, message: message)))
        #expect(message.hasSuffix(remains.log))
    }

    @Test(
        "starts a killed trainer again, three times without getting further",
        arguments: [ProcessEnd.signaled(9), .exited(137)]
    )
    func crashes(end: ProcessEnd) {
        var machine = running(furthest: 4)
        for _ in 1...3 {
            #expect(machine.on(.ended(end, .init())) == [.spawn(again: "the trainer \(end) at step 4")])
            _ = machine.on(.spawned)
            _ = machine.on(.reached(step: 4))
        }
        guard case .write(.failed("crashed", _), end) = machine.on(.ended(end, .init())).first else {
            Issue.record("a trainer that always dies has crashed")
            return
        }
    }

    @Test("counts anew once a killed trainer got further")
    func progress() {
        var machine = running()
        for step in 1...50 {
            _ = machine.on(.reached(step: step))
            #expect(machine.on(.ended(.signaled(9), .init())).count == 1)
            _ = machine.on(.spawned)
        }
        for _ in 1...2 {
            #expect(
                machine.on(.ended(.signaled(9), .init())) == [
                    .spawn(again: "the trainer was ended by signal 9 at step 50")
                ]
            )
            _ = machine.on(.spawned)
        }
        #expect(machine.on(.ended(.signaled(9), .init())).count == 2)
    }

    @Test("stops at a checkpoint when asked, and by force when that takes too long")
    func stops() {
        var machine = running()
        #expect(machine.on(.stopWanted) == [.terminate])
        #expect(machine.on(.stopWanted) == [])
        #expect(machine.on(.graceOver) == [.kill])
        #expect(machine.on(.ended(.signaled(9), .init())) == [.finish(.stopped)])
        var obedient = running()
        _ = obedient.on(.stopWanted)
        #expect(obedient.on(.ended(.exited(75), .init())) == [.finish(.stopped)])
        var quick = running()
        _ = quick.on(.stopWanted)
        #expect(quick.on(.ended(.exited(0), .init(output: digest))).last == .finish(.completed(digest)))
    }

    @Test("stops before it starts when asked early")
    func stopsEarly() {
        var waiting = TrainerSupervision()
        _ = waiting.on(.lock(isTaken: true))
        _ = waiting.on(.done(nil))
        #expect(waiting.on(.stopWanted) == [.finish(.stopped)])
        #expect(waiting.on(.device) == [])
        var locking = TrainerSupervision()
        #expect(locking.on(.stopWanted) == [])
        _ = locking.on(.lock(isTaken: true))
        #expect(locking.on(.done(nil)) == [.finish(.stopped)])
        var starting = TrainerSupervision()
        for event in [.lock(isTaken: true), .done(nil), .device, .stopWanted] as [TrainerSupervision.Event] {
            _ = starting.on(event)
        }
        #expect(starting.on(.spawned) == [.terminate])
    }

    /// Every sequence of events up to a depth, from every state that can be reached: a trainer is never started twice at
    /// a time, nor before the end was read or after it was written, and nothing happens after the finish.
    @Test("keeps its promises in all sequences of events")
    func exhaustive() {
        let failure = TrainerSupervision.Remains(failure: .init(kind: "k", message: "m"))
        let events: [TrainerSupervision.Event] = [
            .lock(isTaken: false), .lock(isTaken: true), .done(nil), .done(.completed(digest)), .device, .spawned,
            .reached(step: 1), .reached(step: 2), .stopWanted, .graceOver, .ended(.exited(0), .init(output: digest)),
            .ended(.exited(1), failure), .ended(.exited(75), .init()), .ended(.signaled(9), .init()),
        ]
        struct World: Hashable {
            var machine = TrainerSupervision()
            var isEndRead = false
            var isRunning = false
            var isFinished = false
        }
        var known: Set<World> = [World()]
        var frontier = [World()]
        while let world = frontier.popLast() {
            for event in events {
                var next = world
                if case .ended = event, !world.isRunning { continue }
                if case .ended = event { next.isRunning = false }
                if case .done(nil) = event { next.isEndRead = true }
                for action in next.machine.on(event) {
                    #expect(!next.isFinished)
                    switch action {
                    case .spawn:
                        #expect(!next.isRunning && next.isEndRead)
                        next.isRunning = true
                    case .write: #expect(!next.isRunning)
                    case .finish:
                        #expect(!next.isRunning)
                        next.isFinished = true
                    case .endPrevious, .readDone, .takeDevice, .terminate, .kill: break
                    }
                }
                if known.insert(next).inserted { frontier.append(next) }
            }
        }
        #expect(known.contains { $0.isFinished })
        #expect(known.count > 50)
    }
}
