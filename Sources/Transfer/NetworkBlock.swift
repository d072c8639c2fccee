//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// The addresses that begin with the same bits.
struct NetworkBlock: Hashable, Sendable {
    private let first: NetworkAddress
    private let bits: Int

    /// Reads a block such as `10.0.0.0/8`; nothing where the text is none.
    init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let first = NetworkAddress(String(parts[0])), let bits = Int(parts[1]),
            (0...first.bytes.count * 8).contains(bits)
        else { return nil }
        self.first = first
        self.bits = bits
    }

    /// Whether an address is in the block.
    func holds(_ address: NetworkAddress) -> Bool {
        guard address.bytes.count == first.bytes.count else { return false }
        return (0..<bits).allSatisfy { bit in
            let mask: UInt8 = 0x80 >> (bit % 8)
            return address.bytes[bit / 8] & mask == first.bytes[bit / 8] & mask
        }
    }
}
