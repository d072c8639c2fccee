//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import FtopsTestSupport
import Ledger
import Testing

@testable import Git
@testable import Reconciler

@Suite("What git says that a plan depends on")
struct GitStandingTests {
    @Test(
        "is another thing with each of its parts",
        arguments: [
            ["config", "ftops.anything", "1"], ["checkout", "-q", "-b", "side"], ["checkout", "-q", "--detach"],
            ["commit", "-q", "--allow-empty", "-m", "more"], ["update-ref", "refs/ftops/remotes/a/merged", "HEAD"],
            ["update-ref", GitRepository.ownBranch, "HEAD"], ["push", "-q", "origin", "HEAD:refs/heads/ftops-ledger"],
            ["push", "-q", "origin", "HEAD~1:refs/heads/main", "--force"],
        ]
    )
    func parts(_ change: [String]) throws {
        let repository = try RestingRepository(hasOrigin: true)
        let settings = GitSettings(remote: "origin", branch: "main", push: true, ledger: GitRepository.ownBranch)
        func standing() throws -> GitStanding {
            try GitStanding(GitRepository(path: repository.top), settings)
        }
        let before = try standing()
        #expect(try standing() == before)
        try repository.sandbox.run(change, in: repository.top)
        #expect(try standing() != before)
    }
}
