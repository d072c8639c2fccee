//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Packing
import Planning
import Resources
import Testing

@testable import Ledger

@Suite("packed records")
struct PackingTests {
    private func again<Value: Packable>(_ value: Value) throws -> Value {
        var packer = Packer()
        packer.value(value)
        var unpacker = Unpacker(packer.bytes[...])
        let again = try Value(from: &unpacker)
        #expect(unpacker.isAtEnd)
        return again
    }

    @Test("records and entries come back as they were", arguments: 0..<20)
    func roundTrips(batch: Int) throws {
        for seed in batch * 20..<(batch + 1) * 20 {
            var samples = Samples(seed: UInt64(seed))
            let record = samples.record()
            #expect(try again(record) == record, "seed \(seed)")
            let entry = samples.entry()
            #expect(try again(entry) == entry, "seed \(seed)")
        }
    }

    @Test("the samples vary every field that a record and an entry have, so that none is left out unseen")
    func samplesAreWhole() {
        var values: [String: Set<String>] = [:]
        func visit(_ value: Any, _ path: String) {
            let mirror = Mirror(reflecting: value)
            if "\(type(of: value))".hasPrefix("Boxed<"), let content = mirror.descendant("content", "value") {
                return visit(content, path)
            }
            values[path, default: []].insert("\(value)")
            guard mirror.displayStyle == .struct || mirror.displayStyle == .optional else { return }
            for child in mirror.children {
                let name = (child.label ?? "").drop { $0 == "_" }
                visit(child.value, mirror.displayStyle == .optional ? path : "\(path).\(name)")
            }
        }
        for seed in 0..<60 {
            // Seeds next to each other give nearly the same numbers.
            var samples = Samples(seed: UInt64(seed * 1_000_003))
            visit(samples.entry(), "entry")
            visit(samples.record(), "record")
        }
        let constant = values.filter { $0.value.count < 2 }.keys.sorted()
        #expect(constant.isEmpty, "these fields are the same in all samples: \(constant)")
        #expect(values["record.details.inputs.parent.fineTune"] != nil)
    }

    @Test("damaged bytes are refused or read as another record, and never end the process", arguments: 0..<10)
    func survivesDamage(seed: Int) {
        var samples = Samples(seed: UInt64(seed))
        var packer = Packer()
        packer.value(samples.entry())
        for length in 0..<packer.bytes.count {
            var unpacker = Unpacker(packer.bytes[..<length])
            #expect(throws: PackingError.self) { try RunEntry(from: &unpacker) }
        }
        for index in packer.bytes.indices {
            var damaged = packer.bytes
            damaged[index] ^= UInt8(truncatingIfNeeded: samples.int(1...255))
            var unpacker = Unpacker(damaged[...])
            _ = try? RunEntry(from: &unpacker)
        }
    }
}
