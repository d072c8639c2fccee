//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Resources

/// Reads the digests of rows in the form in which a version keeps them, without holding more than a part of them.
package struct RowDigestLines {
    private static let lineSize = 65

    private let read: () throws -> [UInt8]?
    private var part: [UInt8] = []
    private var place = 0
    private var last: ContentDigest?
    private var count = 0

    /// Reads what `read` gives part by part, until it gives nothing.
    package init(_ read: @escaping () throws -> [UInt8]?) { self.read = read }

    /// The next one; nothing at the end. Fails where the text is no such list, or not in order.
    package mutating func next() throws -> ContentDigest? {
        while part.count - place < Self.lineSize, let more = try read() {
            part = part[place...] + more
            place = 0
        }
        guard place < part.count else { return nil }
        let line = part[place..<min(place + Self.lineSize, part.count)]
        count += 1
        guard line.last == UInt8(ascii: "\n"), let digest = ContentDigest(line.dropLast()),
            last.map({ $0 <= digest }) ?? true
        else { throw DatasetError(.unreadable, "line \(count) of the row digests is not the next SHA-256") }
        place += line.count
        last = digest
        return digest
    }
}
