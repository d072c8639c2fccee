//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import POSIX

// The wish, made at this machine, that a run stops at a checkpoint. The file is there from the wish until whoever wants
// the run to go on takes it back, so that a supervisor that is killed in between is followed by one that knows of it.

extension RunFolder {
    private var pauseWish: String { path + "/pause" }

    /// Whether somebody at this machine wants the run to stop at a checkpoint.
    package var isPauseWished: Bool { FileStatus.isFile(pauseWish) }

    /// Wishes that the run stops at a checkpoint; its supervisor wakes up at it.
    package func wishPause() throws { try DurableFile.write("", to: pauseWish) }

    /// Takes the wish back, so that the run may go on.
    package func forgetPause() throws {
        guard isPauseWished else { return }
        try Folder.remove(pauseWish)
        try Folder.synchronize(path)
    }
}
