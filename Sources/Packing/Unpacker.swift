//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// Reads what ``Packer`` wrote; bytes of another origin end in an error, whatever they are.
package struct Unpacker {
    private let bytes: ArraySlice<UInt8>
    private var place: Int
    private var texts: [String] = []

    /// Starts at the first of some bytes.
    package init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        place = bytes.startIndex
    }

    /// Whether all has been read.
    package var isAtEnd: Bool { place == bytes.endIndex }

    /// Reads one byte.
    package mutating func byte() throws(PackingError) -> UInt8 {
        guard place < bytes.endIndex else { throw PackingError() }
        defer { place += 1 }
        return bytes[place]
    }

    /// Reads a truth value.
    package mutating func bool() throws(PackingError) -> Bool {
        switch try byte() {
        case 0: false
        case 1: true
        default: throw PackingError()
        }
    }

    /// Reads a whole number.
    package mutating func int() throws(PackingError) -> Int {
        let value = try variable()
        return Int(truncatingIfNeeded: value >> 1) ^ -Int(truncatingIfNeeded: value & 1)
    }

    /// Reads how many elements follow, of which each takes a byte at least.
    package mutating func count() throws(PackingError) -> Int {
        let count = try int()
        guard count >= 0, count <= bytes.endIndex - place else { throw PackingError() }
        return count
    }

    /// Reads a number.
    package mutating func double() throws(PackingError) -> Double { Double(bitPattern: try word()) }

    /// Reads eight bytes.
    package mutating func word() throws(PackingError) -> UInt64 {
        guard bytes.endIndex - place >= 8 else { throw PackingError() }
        defer { place += 8 }
        let offset = place - bytes.startIndex
        return UInt64(littleEndian: bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: UInt64.self) })
    }

    /// Reads a text.
    package mutating func text() throws(PackingError) -> String {
        let number = try variable()
        if number > 0 {
            guard number <= UInt64(texts.count) else { throw PackingError() }
            return texts[Int(number - 1)]
        }
        let count = try variable()
        guard count <= UInt64(bytes.endIndex - place) else { throw PackingError() }
        let end = place + Int(count)
        let text = String(decoding: bytes[place..<end], as: UTF8.self)
        place = end
        texts.append(text)
        return text
    }

    /// Reads bytes that were written together.
    package mutating func run() throws(PackingError) -> ArraySlice<UInt8> {
        let count = try variable()
        guard count <= UInt64(bytes.endIndex - place) else { throw PackingError() }
        defer { place += Int(count) }
        return bytes[place..<(place + Int(count))]
    }

    /// Reads a value.
    @inlinable
    package mutating func value<Value: Packable>(_ type: Value.Type = Value.self) throws(PackingError) -> Value {
        try Value(from: &self)
    }

    /// Reads what may not be there.
    @inlinable
    package mutating func optional<Value>(
        _ read: (inout Unpacker) throws(PackingError) -> Value
    ) throws(PackingError) -> Value? {
        try bool() ? try read(&self) : nil
    }

    /// Reads a list.
    @inlinable
    package mutating func list<Value>(
        _ read: (inout Unpacker) throws(PackingError) -> Value
    ) throws(PackingError) -> [Value] {
        let count = try count()
        var values: [Value] = []
        // What is said of the number is not to be trusted with memory.
        values.reserveCapacity(min(count, 4096))
        for _ in 0..<count { values.append(try read(&self)) }
        return values
    }

    private mutating func variable() throws(PackingError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while shift < 64 {
            let byte = try byte()
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        throw PackingError()
    }
}
