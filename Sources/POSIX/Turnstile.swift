//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Dispatch
internal import Synchronization

/// Lets several threads through a step one by one, in the order of the numbers that they hold.
///
/// Each number from 0 on has to pass once. Who holds a number must not wait for a later one before it has passed.
package final class Turnstile: Sendable {
    private struct State {
        var next = 0
        var waiting: [Int: DispatchSemaphore] = [:]
    }

    private let state = Mutex(State())

    /// Makes a turnstile that waits for number 0.
    package init() {}

    /// Does something when all smaller numbers have passed, and lets the next one in.
    package func pass<Result>(_ number: Int, _ body: () throws -> Result) rethrows -> Result {
        wait(for: number)
        defer { letIn(number + 1) }
        return try body()
    }

    private func wait(for number: Int) {
        let gate: DispatchSemaphore? = state.withLock { state in
            guard state.next != number else { return nil }
            let gate = DispatchSemaphore(value: 0)
            state.waiting[number] = gate
            return gate
        }
        gate?.wait()
    }

    private func letIn(_ number: Int) {
        let gate = state.withLock { state in
            state.next = number
            return state.waiting.removeValue(forKey: number)
        }
        gate?.signal()
    }
}
