//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Digest
internal import JSON
package import Resources

/// The rows of one side of a split, as the bytes of `train.jsonl` or `validation.jsonl`.
package struct RenderedRows: Hashable, Sendable {
    /// Each row's canonical JSON and a line feed, in order.
    package private(set) var bytes: [UInt8] = []
    /// The estimated tokens of each row's texts, in order; what a trainer adds at start and end is not counted.
    package private(set) var tokens: [Int] = []

    /// How many rows there are.
    package var count: Int { tokens.count }

    /// The SHA-256 of the bytes.
    package var digest: ContentDigest { ContentDigest(SHA256Digest.of(bytes)) }

    /// The estimated tokens of all rows.
    package var totalTokens: Int { tokens.reduce(0, +) }

    mutating func append(_ line: ArraySlice<UInt8>, tokens estimate: Int) {
        bytes.append(contentsOf: line)
        bytes.append(0x0A)
        tokens.append(estimate)
    }

    /// Hands the bytes over in pieces.
    package func write(to sink: (ArraySlice<UInt8>) throws -> Void) rethrows {
        var start = 0
        while start < bytes.count {
            let end = min(start + 1 << 20, bytes.count)
            try sink(bytes[start..<end])
            start = end
        }
    }

    /// The rows read back from the bytes.
    package var rows: [RenderedRow] {
        bytes.split(separator: 0x0A).compactMap { line in
            (try? JSONParser.parse(line)).flatMap(RenderedRow.init(json:))
        }
    }
}

extension ContentDigest {
    /// A digest that was computed.
    init(_ digest: SHA256Digest) {
        guard let content = ContentDigest(rawValue: digest.hex) else {
            preconditionFailure("a SHA-256 has 64 hexadecimal digits")
        }
        self = content
    }
}
