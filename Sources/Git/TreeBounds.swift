//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// How much of a tree is listed: git has a tree once, however often it is named, so that a few kilobytes may have more
/// files, or folders in each other, than any disk.
package struct TreeBounds {
    /// Folders in each other.
    private static let depth = 100
    private var left = 1_000_000

    /// Makes bounds that nothing was listed within yet.
    package init() {}

    /// Counts an entry.
    ///
    /// - Throws: Where there are too many, or it lies too deep.
    package mutating func count(_ path: String) throws(GitError) {
        left -= 1
        guard left >= 0 else {
            throw GitError(.treeTooLarge, "the commit has more than a million files and folders there: \(top(path))")
        }
        guard path.utf8.count(where: { $0 == UInt8(ascii: "/") }) <= Self.depth else {
            throw GitError(.treeTooLarge, "the commit has more than \(Self.depth) folders in each other: \(top(path))")
        }
    }

    private func top(_ path: String) -> String { String(path.prefix { $0 != "/" }) }
}
