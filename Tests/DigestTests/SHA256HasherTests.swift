//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Digest
import FtopsTestSupport
import Testing

@Suite("A hasher")
struct SHA256HasherTests {
    @Test("digests what the standard's examples say")
    func examples() {
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        #expect(SHA256Digest.of("").hex == empty)
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        #expect(SHA256Digest.of("abc").hex == abc)
        var hasher = SHA256Hasher()
        hasher.update("abc")
        #expect(hasher.digest.hex == abc && hasher.next().hex == abc && hasher.digest.hex == empty)
    }

    @Test("goes on from a kept state as if it had not stopped", arguments: [1, 2] as [UInt64])
    func resumes(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for length in [0, 1, 63, 64, 65, 127, 128, 1000] {
            let bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) }
            for _ in 0..<8 {
                let cut = Int.random(in: 0...length, using: &generator)
                var first = SHA256Hasher()
                first.update(bytes[..<cut])
                var second = try #require(SHA256Hasher(state: first.state))
                second.update(bytes[cut...])
                #expect(second.finalize() == SHA256Digest.of(bytes), "\(cut) of \(length)")
            }
        }
    }

    @Test("takes no other bytes for a state")
    func damagedStates() {
        var hasher = SHA256Hasher()
        hasher.update([UInt8](repeating: 7, count: 70))
        let state = hasher.state
        #expect(SHA256Hasher(state: state)?.state == state)
        #expect(SHA256Hasher(state: []) == nil)
        #expect(SHA256Hasher(state: state.dropLast()) == nil)
        #expect(SHA256Hasher(state: state + [0]) == nil)
        #expect(SHA256Hasher(state: [UInt8](repeating: 0xFF, count: 103)) == nil)
    }
}
