//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import CCrypto

// Sendable is safe: a context has one owner, as the struct cannot be copied, and libcrypto ties none to a thread.
/// Computes a SHA-256 digest of bytes that come in parts, with libcrypto.
package struct SHA256Hasher: ~Copyable, @unchecked Sendable {
    private let context: OpaquePointer?

    /// Looking the algorithm up takes libcrypto longer than digesting a short row.
    private static let algorithm = Algorithm()

    /// Starts a digest of nothing.
    package init() {
        context = EVP_MD_CTX_new()
        start()
    }

    deinit { EVP_MD_CTX_free(context) }

    private func start() {
        precondition(EVP_DigestInit_ex(context, Self.algorithm.reference, nil) == 1, "libcrypto has no SHA-256")
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

    private func update(_ bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress else { return }
        EVP_DigestUpdate(context, base, bytes.count)
    }

    /// The digest of all that was added; the hasher starts anew, which is cheaper than another one.
    package mutating func next() -> SHA256Digest {
        var bytes = (UInt64(0), UInt64(0), UInt64(0), UInt64(0))
        withUnsafeMutableBytes(of: &bytes) { buffer in
            _ = EVP_DigestFinal_ex(context, buffer.baseAddress, nil)
        }
        start()
        return SHA256Digest(bigEndian: bytes)
    }

    /// The digest of all that was added; the hasher is used up.
    package consuming func finalize() -> SHA256Digest { next() }
}

extension SHA256Hasher {
    // Sendable is safe: libcrypto counts references to an algorithm atomically and never changes one.
    /// SHA-256 as libcrypto knows it.
    private struct Algorithm: @unchecked Sendable {
        let reference = EVP_MD_fetch(nil, "SHA256", nil)
    }
}
