//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import FtopsTestSupport
import Packing
import Testing

@Suite("Packing")
struct PackingTests {
    @Test("gives back what was packed")
    func roundTrip() throws {
        var packer = Packer()
        for int in [0, 1, -1, 63, 64, -65, 1 << 40, .max, .min] { packer.int(int) }
        for double in [0, -0.0, 1e-300, .infinity, 0.1] { packer.double(double) }
        for text in ["", "a", "é🙂", "a", String(repeating: "long ", count: 99), ""] { packer.text(text) }
        packer.optional(Int?.none) { $0.int($1) }
        packer.optional("b") { $0.text($1) }
        packer.list([3, 2, 1]) { $0.int($1) }
        packer.run([7, 8])
        var unpacker = Unpacker(packer.bytes[...])
        for int in [0, 1, -1, 63, 64, -65, 1 << 40, .max, .min] { #expect(try unpacker.int() == int) }
        for double in [0, -0.0, 1e-300, .infinity, 0.1] {
            #expect(try unpacker.double().bitPattern == double.bitPattern)
        }
        for text in ["", "a", "é🙂", "a", String(repeating: "long ", count: 99), ""] {
            #expect(try unpacker.text() == text)
        }
        #expect(try unpacker.optional { unpacker throws(PackingError) in try unpacker.int() } == nil)
        #expect(try unpacker.optional { unpacker throws(PackingError) in try unpacker.text() } == "b")
        #expect(try unpacker.list { unpacker throws(PackingError) in try unpacker.int() } == [3, 2, 1])
        #expect(try unpacker.run() == [7, 8])
        #expect(unpacker.isAtEnd)
    }

    @Test("writes a text once")
    func sharesTexts() {
        var packer = Packer()
        packer.text("a text that many have")
        let once = packer.bytes.count
        packer.text("a text that many have")
        #expect(packer.bytes.count == once + 1)
    }

    @Test("refuses what has no end, or says that more follows than does")
    func refuses() {
        let readers: [([UInt8], (inout Unpacker) throws -> Void)] = [
            ([], { _ = try $0.byte() }),
            ([2], { _ = try $0.bool() }),
            ([0x80, 0x80], { _ = try $0.int() }),
            (Array(repeating: 0xFF, count: 20), { _ = try $0.int() }),
            (Array(repeating: 1, count: 7), { _ = try $0.double() }),
            ([0, 3, 0x61, 0x62], { _ = try $0.text() }),
            ([1], { _ = try $0.text() }),
            ([3, 0x61, 0x62], { _ = try $0.run() }),
            ([1, 1], { _ = try $0.count() }),
            ([100, 1], { _ = try $0.list { unpacker throws(PackingError) in try unpacker.byte() } }),
        ]
        for (bytes, read) in readers {
            var unpacker = Unpacker(bytes[...])
            #expect(throws: PackingError.self, "\(bytes)") { try read(&unpacker) }
        }
    }
}
