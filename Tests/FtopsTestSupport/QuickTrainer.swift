//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import POSIX

/// The trainer of `Tests/quick-trainer`, which keeps the contract and learns nothing.
package enum QuickTrainer {
    /// Its folder, for `FTOPS_TRAINER`.
    package static var folder: String {
        Folder.parent(of: Folder.parent(of: #filePath)) + "/quick-trainer"
    }

    /// Its `launch`.
    package static var launch: String { folder + "/launch" }

    /// An environment in which it writes down in a scratch folder's `quick.log` what it trains, and behaves as told.
    package static func environment(
        _ scratch: ScratchFolder,
        steps: Int = 6,
        stepSeconds: Double = 0,
        adding others: [String: String] = [:]
    ) -> [String: String] {
        let own = [
            "FTOPS_QUICK_LOG": scratch.path("quick.log"),
            "FTOPS_QUICK_STEPS": "\(steps)",
            "FTOPS_QUICK_STEP_SECONDS": "\(stepSeconds)",
            "PYTHONDONTWRITEBYTECODE": "1",
        ]
        return ProcessEnvironment.variables.merging(own) { $1 }.merging(others) { $1 }
    }

    /// What it trained by its own account: `started`, `resumed` and `completed`, in their order.
    package static func history(_ scratch: ScratchFolder) -> [String] {
        scratch.lines("quick.log").map { String($0.prefix { $0 != " " }) }
    }
}
