//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import CCrypto

/// Computes a SHA-256 digest of bytes that come in parts, with libcrypto.
///
/// Its state can be kept and gone on with, which libcrypto's general interface does not offer; so this is the older one,
/// which has the same code behind it.
package struct SHA256Hasher: Sendable {
    private var context = SHA256_CTX()

    /// Starts a digest of nothing.
    package init() { start() }

    private mutating func start() {
        precondition(SHA256_Init(&context) == 1, "libcrypto has no SHA-256")
    }

    /// Adds bytes to what is digested.
    package mutating func update(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { update($0) }
    }

    /// Adds a part of an array without copying it.
    package mutating func update(_ bytes: ArraySlice<UInt8>) {
        bytes.withUnsafeBytes { update($0) }
    }

    /// Adds bytes that lie somewhere else.
    package mutating func update(_ bytes: borrowing Span<UInt8>) {
        bytes.withUnsafeBytes { update($0) }
    }

    /// Adds a text's UTF-8 bytes.
    package mutating func update(_ text: String) {
        var text = text
        text.withUTF8 { update(UnsafeRawBufferPointer($0)) }
    }

    private mutating func update(_ bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress else { return }
        SHA256_Update(&context, base, bytes.count)
    }

    /// The digest of all that was added; the hasher starts anew, which is cheaper than another one.
    package mutating func next() -> SHA256Digest {
        var bytes = (UInt64(0), UInt64(0), UInt64(0), UInt64(0))
        withUnsafeMutableBytes(of: &bytes) { buffer in
            _ = SHA256_Final(buffer.baseAddress?.assumingMemoryBound(to: UInt8.self), &context)
        }
        start()
        return SHA256Digest(bigEndian: bytes)
    }

    /// The digest of all that was added; the hasher is used up.
    package consuming func finalize() -> SHA256Digest { next() }

    /// The digest of what was added so far; the hasher goes on.
    package var digest: SHA256Digest {
        var copy = self
        return copy.next()
    }
}

extension SHA256Hasher {
    private static let block = 64

    /// All that it takes to go on later: the digest's eight words, how many bytes were added, and the last of them that
    /// fill no block.
    package var state: [UInt8] {
        let h = context.h
        let words = [h.0, h.1, h.2, h.3, h.4, h.5, h.6, h.7]
        let count = (UInt64(context.Nh) << 32 | UInt64(context.Nl)) / 8
        var bytes: [UInt8] = []
        for word in words { withUnsafeBytes(of: word.bigEndian) { bytes += $0 } }
        withUnsafeBytes(of: count.bigEndian) { bytes += $0 }
        withUnsafeBytes(of: context.data) { bytes += $0.prefix(Int(context.num)) }
        return bytes
    }

    /// Goes on from a state; nothing where the bytes are none.
    package init?(state: some Collection<UInt8>) {
        self.init()
        let bytes = Array(state)
        guard bytes.count >= 40 else { return nil }
        let words = (0..<10).map { word in
            bytes[(4 * word)..<(4 * word + 4)].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        }
        let count = UInt64(words[8]) << 32 | UInt64(words[9])
        guard count < 1 << 61, bytes.count == 40 + Int(count % UInt64(Self.block)) else { return nil }
        context.h = (words[0], words[1], words[2], words[3], words[4], words[5], words[6], words[7])
        // What does not fill a block is all that has yet to be added.
        let bits = count / UInt64(Self.block) * UInt64(Self.block) * 8
        (context.Nh, context.Nl) = (UInt32(bits >> 32), UInt32(truncatingIfNeeded: bits))
        update(bytes[40...])
    }
}
