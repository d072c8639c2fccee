//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import POSIX

// What a run's supervisor has to say to whoever watches.

extension RunFolder {
    private var noticesFile: String { path + "/notices" }

    /// What its supervisor has said since it was started, a line for each.
    package func notices() -> [String] {
        let bytes = (try? FileContents.readIfPresent(noticesFile, limit: 1 << 16)) ?? nil
        return String(decoding: bytes ?? [], as: UTF8.self).split(separator: "\n").map(String.init)
    }

    /// Says something in one line. That it cannot be said keeps a run from nothing.
    package func addNotice(_ words: String) {
        try? OpenFile(noticesFile, .append).write(Array((words + "\n").utf8))
    }

    /// Forgets what an earlier supervisor has said.
    package func forgetNotices() {
        if FileStatus.isFile(noticesFile) { try? Folder.remove(noticesFile) }
    }
}
