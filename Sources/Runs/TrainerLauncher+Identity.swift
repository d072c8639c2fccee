//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import POSIX

extension TrainerLauncher {
    /// The most files that a trainer may have to be told from others.
    private static let most = 4096

    /// What tells this program from what it was or will be: its files by their names, and when and what each was written.
    ///
    /// What was compiled of them, and what is hidden, does not count.
    package func identity() throws -> [String] {
        let top = Folder.parent(of: Folder.resolved(path) ?? path)
        var found: [String] = []
        try Self.note(top, into: &found)
        return found
    }

    private static func note(_ folder: String, into found: inout [String]) throws {
        for name in try Folder.names(in: folder) where !name.hasPrefix(".") && name != "__pycache__" {
            let path = folder + "/" + name
            guard let status = try FileStatus.of(path, followingLinks: false) else { continue }
            if status.kind == .folder {
                try note(path, into: &found)
                continue
            }
            guard found.count < most else {
                throw RunsError(.trainer, "the trainer's folder \(folder) has more than \(most) files")
            }
            found.append("\(path) \(status.device) \(status.inode) \(status.size) \(status.modified) \(status.changed)")
        }
    }
}
