//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// How much a compressed file may become.
package struct DecodingLimits: Hashable, Sendable {
    /// Bytes that it may become at most.
    package var size = 64 << 30
    /// How many times its size it may become, beyond the first 64 MiB.
    package var ratio = 200
    /// Bytes that no ratio holds for.
    static let free = 64 << 20

    /// The usual limits.
    package init() {}

    /// The limits that an environment sets, else the usual ones.
    package init(environment: [String: String]) throws(DatasetError) {
        size = try Self.number("FTOPS_DOWNLOAD_LIMIT", environment) ?? size
        ratio = try Self.number("FTOPS_COMPRESSION_RATIO", environment) ?? ratio
    }

    private static func number(_ name: String, _ environment: [String: String]) throws(DatasetError) -> Int? {
        guard let text = environment[name], !text.isEmpty else { return nil }
        guard let number = Int(text), number > 0 else {
            throw DatasetError(.unreadable, "\(name) is \(text): it takes a whole number above 0")
        }
        return number
    }
}
