//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Glibc

/// Whole files.
package enum FileContents {
    /// Reads a file; one that is larger than the limit is refused rather than read.
    package static func read(_ path: String, limit: Int = 64 << 20) throws(POSIXError) -> [UInt8] {
        let file = try OpenFile(path, .read)
        var bytes: [UInt8] = []
        // What is no regular file, or changes meanwhile, has no size to go by.
        bytes.reserveCapacity(min(max(try file.size(), 0), limit))
        while true {
            let more = try file.read(upTo: min(1 << 20, limit + 1 - bytes.count))
            if more.isEmpty { return bytes }
            bytes += more
            guard bytes.count <= limit else {
                throw POSIXError(code: EFBIG, message: "cannot read more than \(limit) bytes of", path: path)
            }
        }
    }

    /// Reads a file; nothing where there is none.
    package static func readIfPresent(_ path: String, limit: Int = 64 << 20) throws(POSIXError) -> [UInt8]? {
        do throws(POSIXError) {
            return try read(path, limit: limit)
        } catch {
            if error.isMissing { return nil }
            throw error
        }
    }

    /// Hands a file to `body` in parts of up to a mebibyte, in order.
    package static func forEachPart(of path: String, _ body: ([UInt8]) throws -> Void) throws {
        let file = try OpenFile(path, .read)
        while true {
            let part = try file.read(upTo: 1 << 20)
            if part.isEmpty { return }
            try body(part)
        }
    }

    /// Reads the end of a file, at most so many bytes; nothing where there is no file.
    package static func tail(_ path: String, limit: Int) throws(POSIXError) -> [UInt8] {
        do throws(POSIXError) {
            let file = try OpenFile(path, .read)
            return try file.read(upTo: limit, at: max(0, try file.size() - limit))
        } catch {
            if error.isMissing { return [] }
            throw error
        }
    }
}
