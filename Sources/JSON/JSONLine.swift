//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// A line of JSON that is put together from bytes; its memory is its own and is kept for the next line.
///
/// Safe as long as each method that writes makes room first: no other has the memory.
package struct JSONLine: ~Copyable {
    private var base: UnsafeMutablePointer<UInt8>
    private var capacity: Int
    /// How many bytes the line has so far.
    package private(set) var count = 0

    /// Makes an empty line.
    package init() {
        capacity = 1 << 12
        base = .allocate(capacity: capacity)
    }

    deinit { base.deallocate() }

    /// Hands the line's bytes over.
    package func withSpan<Result>(_ body: (borrowing Span<UInt8>) throws -> Result) rethrows -> Result {
        try body(UnsafeBufferPointer(start: base, count: count).span)
    }

    /// Makes the line empty.
    package mutating func clear() { count = 0 }

    /// Appends bytes.
    package mutating func append(_ bytes: [UInt8]) {
        reserve(bytes.count)
        bytes.withUnsafeBufferPointer { copy($0.baseAddress, $0.count) }
    }

    /// Appends a part of some bytes.
    package mutating func append(_ bytes: borrowing Span<UInt8>, _ range: Range<Int>) {
        reserve(range.count)
        bytes.extracting(range).withUnsafeBufferPointer { copy($0.baseAddress, $0.count) }
    }

    /// Appends the inside of a JSON string that `JSONMemberScanner` vouched for, with the escapes of the canonical form;
    /// `escapes` are the places of those that are written otherwise.
    package mutating func appendCanonical(
        _ bytes: borrowing Span<UInt8>,
        _ range: Range<Int>,
        escapes: ArraySlice<Int>
    ) {
        // No escape of the canonical form is longer than any other of the same character.
        reserve(range.count)
        // What is behind the range, a string's last quote at least, is never read.
        bytes.extracting(..<range.upperBound).withUnsafeBufferPointer { bytes in
            guard let base = bytes.baseAddress else { return }
            var written = range.lowerBound
            for slash in escapes {
                copy(base + written, slash - written)
                written = slash + 1
                guard base[slash + 1] == UInt8(ascii: "u") else { continue }
                guard let (scalar, length) = JSONEscape.scalar(at: base + slash, count: range.upperBound - slash)
                else { return }
                copy(scalar)
                written = slash + length
            }
            copy(base + written, range.upperBound - written)
        }
    }

    private mutating func reserve(_ more: Int) {
        guard count + more > capacity else { return }
        let larger = max(2 * capacity, count + more)
        let moved = UnsafeMutablePointer<UInt8>.allocate(capacity: larger)
        moved.update(from: base, count: count)
        base.deallocate()
        (base, capacity) = (moved, larger)
    }

    /// Copies bytes for which there is room.
    private mutating func copy(_ bytes: UnsafePointer<UInt8>?, _ size: Int) {
        guard let bytes else { return }
        precondition(size >= 0 && count + size <= capacity)
        (base + count).update(from: bytes, count: size)
        count += size
    }

    /// Writes a character as the canonical form has it inside of a string; there is room for six bytes.
    private mutating func copy(_ scalar: UnicodeScalar) {
        precondition(count + 6 <= capacity)
        if scalar.isASCII, UnsafePointer.isEscaped(UInt8(scalar.value)) {
            var escape: [UInt8] = []
            JSONText.writeEscape(of: UInt8(scalar.value), to: &escape)
            return escape.withUnsafeBufferPointer { copy($0.baseAddress, $0.count) }
        }
        let value = scalar.value
        switch value {
        case 0..<0x80: write(UInt8(value))
        case 0x80..<0x800:
            write(0xC0 | UInt8(value >> 6))
            writeRest(value, 1)
        case 0x800..<0x10000:
            write(0xE0 | UInt8(value >> 12))
            writeRest(value, 2)
        default:
            write(0xF0 | UInt8(value >> 18))
            writeRest(value, 3)
        }
    }

    /// Writes the last bytes of a scalar's UTF-8, six bits each.
    private mutating func writeRest(_ value: UInt32, _ bytes: Int) {
        for place in (0..<UInt32(bytes)).reversed() { write(0x80 | UInt8(value >> (6 * place) & 0x3F)) }
    }

    private mutating func write(_ byte: UInt8) {
        base[count] = byte
        count += 1
    }
}
