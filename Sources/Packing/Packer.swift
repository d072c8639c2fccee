//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// Writes values one behind the other, a text that was written before by its number.
package struct Packer {
    /// What was written.
    package private(set) var bytes: [UInt8] = []
    private var texts: [String: UInt64] = [:]

    /// Starts with nothing.
    package init() {}

    /// Writes one byte.
    package mutating func byte(_ value: UInt8) { bytes.append(value) }

    /// Writes a truth value.
    package mutating func bool(_ value: Bool) { bytes.append(value ? 1 : 0) }

    /// Writes a whole number, a small one in few bytes.
    package mutating func int(_ value: Int) { variable(UInt64(bitPattern: Int64(value << 1) ^ Int64(value >> 63))) }

    /// Writes a number, bit for bit.
    package mutating func double(_ value: Double) { word(value.bitPattern) }

    /// Writes eight bytes.
    package mutating func word(_ value: UInt64) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    /// Writes a text.
    package mutating func text(_ text: String) {
        if let known = texts[text] { return variable(known + 1) }
        texts[text] = UInt64(texts.count)
        variable(0)
        variable(UInt64(text.utf8.count))
        bytes.append(contentsOf: text.utf8)
    }

    /// Writes how many bytes there are, and those.
    package mutating func run(_ bytes: ArraySlice<UInt8>) {
        variable(UInt64(bytes.count))
        self.bytes += bytes
    }

    /// Writes a value.
    package mutating func value(_ value: some Packable) { value.pack(to: &self) }

    /// Writes what may not be there.
    package mutating func optional<Value>(_ value: Value?, _ write: (inout Packer, Value) -> Void) {
        bool(value != nil)
        if let value { write(&self, value) }
    }

    /// Writes how many elements there are, and each.
    package mutating func list<Elements: Collection>(
        _ elements: Elements,
        _ write: (inout Packer, Elements.Element) -> Void
    ) {
        int(elements.count)
        for element in elements { write(&self, element) }
    }

    private mutating func variable(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}
