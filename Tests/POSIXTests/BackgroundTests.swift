//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import POSIX
import Synchronization
import Testing

@Suite("values made in the background")
struct BackgroundTests {
    @Test("are made once, however many ask for them at a time")
    func once() {
        let count = Mutex(0)
        let value = Background {
            count.withLock { count in
                count += 1
                return count
            }
        }
        let seen = Concurrent.map(8) { _ in value.value }
        #expect(seen == [1, 1, 1, 1, 1, 1, 1, 1])
    }

    @Test("are made one after the other, so that one may begin another")
    func chain() {
        let first = Background { Background { 7 } }
        #expect(first.value.value == 7)
        first.wait()
    }
}
