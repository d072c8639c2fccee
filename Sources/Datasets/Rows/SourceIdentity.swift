//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import POSIX

/// What tells whether a source's bytes are those that were read before, without reading them: as git's index does it.
package struct SourceIdentity: Hashable, Sendable {
    /// Size, times, inode and file system of the file.
    package let text: String
    /// When it changed, in nanoseconds since 1970.
    package let changed: Int64

    /// The identity of a file; nothing where there is none.
    package init?(path: String) {
        guard let status = try? FileStatus.of(path), status.kind == .file else { return nil }
        self.init(status)
    }

    /// The identity of a file that was looked at.
    package init(_ status: FileStatus) {
        text = "\(status.size) \(status.modified) \(status.changed) \(status.inode) \(status.device)"
        changed = status.changed
    }
}
