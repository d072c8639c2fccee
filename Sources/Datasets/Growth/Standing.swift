//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Digest
internal import Packing
internal import Resources

/// Where a look at a file's rows stands at the end of a line.
struct Standing<State: Packable & Sendable>: Packable, Sendable {
    /// The bytes that were read.
    var length = 0
    /// What has digested them.
    var hasher = SHA256Hasher()
    /// What was found in them.
    var state: State

    init(_ state: State) { self.state = state }

    /// Reads what `packed` gave; nothing from any other bytes.
    init?(packed bytes: ArraySlice<UInt8>) {
        var unpacker = Unpacker(bytes)
        guard let value = try? Self(from: &unpacker), unpacker.isAtEnd else { return nil }
        self = value
    }

    /// The bytes to keep it by.
    var packed: [UInt8] {
        var packer = Packer()
        packer.value(self)
        return packer.bytes
    }

    /// What was read.
    var prefix: FilePrefix { FilePrefix(length: length, digest: ContentDigest(hasher.digest)) }

    func pack(to packer: inout Packer) {
        packer.int(length)
        packer.value(hasher)
        packer.value(state)
    }

    init(from unpacker: inout Unpacker) throws(PackingError) {
        length = try unpacker.int()
        hasher = try unpacker.value()
        state = try unpacker.value()
        guard length >= 0 else { throw PackingError() }
    }
}
