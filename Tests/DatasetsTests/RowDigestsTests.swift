//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Digest
import Resources
import Testing

@testable import Datasets

@Suite("Row digests")
struct RowDigestsTests {
    /// Digests that fall into any order, each third one twice.
    private static func sample(_ count: Int) -> [SHA256Digest] { (0..<count).map { SHA256Digest.of("\($0 / 3 * 2)") } }

    @Test("come in order, however few of them are in memory", arguments: [1, 100, 4096, 5000, 1 << 20])
    func order(_ limit: Int) throws {
        let sample = Self.sample(20_000)
        var digests = RowDigests(limit: limit)
        for start in stride(from: 0, to: sample.count, by: 1_700) {
            try digests.append(Array(sample[start..<min(start + 1_700, sample.count)]))
        }
        #expect(digests.count == sample.count)
        #expect(try digests.all() == sample.sorted().map { ContentDigest($0) })
    }

    @Test("are none of no row")
    func none() throws {
        #expect(try RowDigests().all().isEmpty)
        var digests = RowDigests()
        try digests.append([])
        #expect(try digests.all().isEmpty)
    }

    private static func lines(_ text: [UInt8], parts: Int) throws -> [ContentDigest] {
        var rest = text[...]
        var lines = RowDigestLines {
            let part = Array(rest.prefix(parts))
            rest = rest.dropFirst(parts)
            return part.isEmpty ? nil : part
        }
        var all: [ContentDigest] = []
        while let digest = try lines.next() { all.append(digest) }
        return all
    }

    @Test("are read back as they were written, in parts of any size", arguments: [1, 64, 65, 66, 1_000, 1 << 20])
    func roundTrip(_ parts: Int) throws {
        var digests = RowDigests()
        try digests.append(Self.sample(100))
        var text: [UInt8] = []
        try digests.forEachPart { text += $0 }
        #expect(text.count == 6_500)
        #expect(try Self.lines(text, parts: parts) == digests.all())
        #expect(try Self.lines([], parts: parts).isEmpty)
    }

    @Test("refuse text that is none, and what is not in order")
    func damaged() throws {
        var digests = RowDigests()
        try digests.append(Self.sample(6))
        var text: [UInt8] = []
        try digests.forEachPart { text += $0 }
        let lines = Array(text.prefix(65)) + Array(text.suffix(65))
        #expect(try Self.lines(lines, parts: 7).count == 2)
        let others: [[UInt8]] = [
            [0x47] + text.dropFirst(), text.map { $0 == 0x0A ? 0x20 : $0 }, text + Array("half".utf8),
            Array(text.dropLast()), Array(lines.suffix(65) + lines.prefix(65)),
        ]
        for damaged in others {
            let error = #expect(throws: DatasetError.self) { try Self.lines(damaged, parts: 1_000) }
            #expect(error?.message.contains("row digests") == true)
        }
    }
}

extension RowDigests {
    /// All digests in order.
    func all() throws -> [ContentDigest] {
        var reader = makeReader()
        var all: [ContentDigest] = []
        while let digest = try reader.next() { all.append(digest) }
        return all
    }
}
