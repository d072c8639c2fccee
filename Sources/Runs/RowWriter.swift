//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Digest
package import POSIX

/// Writes rows into a run's folder, and digests them on the way.
package final class RowWriter {
    private let file: OpenFile
    private var hasher: SHA256Hasher? = SHA256Hasher()
    private var buffer: [UInt8] = []

    init(_ file: OpenFile) { self.file = file }

    /// Writes one row, a JSON text without a line feed.
    package func write(_ row: String) throws(POSIXError) {
        buffer.append(contentsOf: row.utf8)
        buffer.append(UInt8(ascii: "\n"))
        if buffer.count >= 1 << 18 { try flush() }
    }

    /// Writes rows, each with its line feed; a row may be written in parts.
    package func write(lines: ArraySlice<UInt8>) throws(POSIXError) {
        buffer.append(contentsOf: lines)
        if buffer.count >= 1 << 18 { try flush() }
    }

    func finish() throws(POSIXError) -> SHA256Digest {
        try flush()
        guard let finished = hasher.take() else { preconditionFailure("rows are finished once") }
        return finished.finalize()
    }

    private func flush() throws(POSIXError) {
        hasher?.update(buffer)
        try file.write(buffer)
        buffer.removeAll(keepingCapacity: true)
    }
}
