//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// A line of JSON that is put together from bytes; its memory is kept for the next line.
package struct JSONLine: Sendable {
    /// Grows and never shrinks; only the first `count` bytes mean something.
    private var storage: [UInt8] = []
    /// How many bytes the line has so far.
    package private(set) var count = 0

    /// Makes an empty line.
    package init() {}

    /// The line's bytes.
    package var bytes: ArraySlice<UInt8> { storage[..<count] }

    /// Makes the line empty.
    package mutating func clear() { count = 0 }

    /// Appends bytes.
    package mutating func append(_ bytes: [UInt8]) {
        reserve(bytes.count)
        bytes.withUnsafeBufferPointer { copy($0) }
    }

    /// Appends a part of some bytes.
    package mutating func append(_ bytes: borrowing Span<UInt8>, _ range: Range<Int>) {
        reserve(range.count)
        bytes.extracting(range).withUnsafeBufferPointer { copy($0) }
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
        bytes.withUnsafeBufferPointer { bytes in
            guard let base = bytes.baseAddress else { return }
            var written = range.lowerBound
            for slash in escapes {
                copy(UnsafeBufferPointer(rebasing: bytes[written..<slash]))
                written = slash + 1
                guard base[slash + 1] == UInt8(ascii: "u") else { continue }
                guard let (scalar, length) = JSONEscape.scalar(at: base + slash, count: range.upperBound - slash)
                else { return }
                copy(scalar)
                written = slash + length
            }
            copy(UnsafeBufferPointer(rebasing: bytes[written..<range.upperBound]))
        }
    }

    private mutating func reserve(_ more: Int) {
        let missing = count + more - storage.count
        if missing > 0 { storage.append(contentsOf: repeatElement(0, count: missing + storage.count)) }
    }

    /// Copies bytes for which there is room.
    private mutating func copy(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard let source = bytes.baseAddress else { return }
        storage.withUnsafeMutableBufferPointer { storage in
            precondition(count + bytes.count <= storage.count)
            if let target = storage.baseAddress { (target + count).update(from: source, count: bytes.count) }
        }
        count += bytes.count
    }

    /// Writes a character as the canonical form has it inside of a string; there is room for six bytes.
    private mutating func copy(_ scalar: UnicodeScalar) {
        if scalar.isASCII, UnsafePointer.isEscaped(UInt8(scalar.value)) {
            var escape: [UInt8] = []
            JSONText.writeEscape(of: UInt8(scalar.value), to: &escape)
            return escape.withUnsafeBufferPointer { copy($0) }
        }
        for byte in Unicode.UTF8.encode(scalar) ?? Unicode.UTF8.encodedReplacementCharacter {
            storage[count] = byte
            count += 1
        }
    }
}
