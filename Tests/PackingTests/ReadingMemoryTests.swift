//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import FtopsTestSupport
import Packing
import Testing

@Suite("Reading memory")
struct ReadingMemoryTests {
    private struct Note: Packable, Hashable, Sendable {
        var text: String

        init(_ text: String) { self.text = text }

        init(from unpacker: inout Unpacker) throws(PackingError) { text = try unpacker.text() }

        func pack(to packer: inout Packer) { packer.text(text) }
    }

    private static func key(_ number: UInt64) -> ReadingMemory.Key { .init(number, 0, 0) }

    private static func next(_ memory: ReadingMemory) throws -> ReadingMemory {
        let bytes = try #require(memory.packed())
        return try #require(ReadingMemory(packed: bytes[...]))
    }

    private func recall(_ memory: ReadingMemory, _ kind: ReadingMemory.Kind, _ number: UInt64) -> String? {
        let note: Note? = memory.recall(kind, Self.key(number))
        return note?.text
    }

    @Test("gives the next one what was kept, by kind and key")
    func carries() throws {
        let first = ReadingMemory()
        #expect(first.packed() == nil)
        first.keep(.versions, Self.key(1), Note("one"))
        first.keep(.versions, Self.key(2), Note("two"))
        first.keep(.runs, Self.key(1), Note("run"))
        let second = try Self.next(first)
        #expect(recall(second, .versions, 1) == "one")
        #expect(recall(second, .versions, 2) == "two")
        #expect(recall(second, .runs, 1) == "run")
        #expect(recall(second, .runs, 2) == nil)
        #expect(recall(second, .manifest, 1) == nil)
        let newest: Note? = second.newest(.versions)
        #expect(newest?.text == "two")
        #expect(second.packed() == nil)
    }

    @Test("forgets what nobody asked for, of kinds that were asked for")
    func forgets() throws {
        let first = ReadingMemory()
        for number in 1...3 as ClosedRange<UInt64> { first.keep(.manifest, Self.key(number), Note("\(number)")) }
        first.keep(.runs, Self.key(9), Note("run"))
        let second = try Self.next(first)
        #expect(recall(second, .manifest, 2) == "2")
        second.keep(.manifest, Self.key(4), Note("4"))
        let third = try Self.next(second)
        let kept = (1...4 as ClosedRange<UInt64>).map { recall(third, .manifest, $0) }
        #expect(kept == [nil, "2", nil, "4"])
        #expect(recall(third, .runs, 9) == "run")
    }

    @Test("takes nothing from bytes that are not its own, and survives all of them", arguments: 0..<20 as Range<UInt64>)
    func refuses(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let memory = ReadingMemory()
        for number in 1...5 as ClosedRange<UInt64> { memory.keep(.runs, Self.key(number), Note("text \(number)")) }
        let bytes = try #require(memory.packed())
        #expect(ReadingMemory(packed: (bytes + [0])[...]) == nil)
        for length in 0..<bytes.count { #expect(ReadingMemory(packed: bytes[..<length]) == nil) }
        for _ in 0..<200 {
            var damaged = bytes
            damaged[Int.random(in: damaged.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
            guard let memory = ReadingMemory(packed: damaged[...]) else { continue }
            for number in 1...5 as ClosedRange<UInt64> { _ = recall(memory, .runs, number) }
        }
    }
}
