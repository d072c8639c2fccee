//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//
import POSIX
import Synchronization
import Testing

@Suite("Turnstiles")
struct TurnstileTests {
    @Test("let pass in order whoever comes first, one at a time")
    func order() {
        let turnstile = Turnstile()
        let next = Mutex(0)
        let passed = Mutex<[Int]>([])
        _ = Concurrent.map(4) { _ in
            while true {
                let number = next.withLock { next in
                    defer { next += 1 }
                    return next
                }
                guard number < 2_000 else { return }
                turnstile.pass(number) {
                    let before = passed.withLock { $0 }
                    passed.withLock { $0 = before + [number] }
                }
            }
        }
        #expect(passed.withLock { $0 } == Array(0..<2_000))
    }

    @Test("let the next one in where one fails")
    func failure() {
        struct Failure: Error {}
        let turnstile = Turnstile()
        #expect(throws: Failure.self) { try turnstile.pass(0) { throw Failure() } }
        #expect(turnstile.pass(1) { 7 } == 7)
    }
}
