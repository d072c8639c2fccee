//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Foundation
import FtopsTestSupport
import Testing

@Suite("Committing versions back")
struct CommitBackTests {
    private func scenario(origin: Bool = false) throws -> Scenario {
        let scenario = try Scenario()
        try scenario.writeManifests()
        try scenario.write("one\n", at: "notes.txt")
        try scenario.commit("Describe the greeter")
        if origin { try scenario.addOrigin() }
        return scenario
    }

    @Test("leaves staged, unstaged and untracked edits byte for byte", arguments: [false, true])
    func keepsEdits(origin: Bool) throws {
        let scenario = try scenario(origin: origin)
        try scenario.write("staged\n", at: "staged.txt")
        try scenario.git("add", "staged.txt")
        try scenario.write("one\ntwo\n", at: "notes.txt")
        try scenario.write("untracked\n", at: "loose.txt")
        let before = try scenario.git("status", "--porcelain")
        let staged = try scenario.git("diff", "--cached")
        let apply = try scenario.ftops("apply", "--auto-approve")
        #expect(apply.status == 0, "\(apply.transcript)")
        #expect(try scenario.versions().count == 1)
        #expect(try scenario.git("status", "--porcelain") == before)
        #expect(try scenario.git("diff", "--cached") == staged)
        #expect(try scenario.read("notes.txt") == "one\ntwo\n")
        #expect(try scenario.read("loose.txt") == "untracked\n")
    }

    @Test("refuses a detached HEAD before anything is trained")
    func detachedHead() throws {
        let scenario = try scenario()
        try scenario.git("checkout", "--quiet", "--detach")
        let before = try scenario.git("status", "--porcelain")
        let apply = try scenario.ftops("apply", "--auto-approve")
        #expect(apply.status == 1)
        #expect(apply.errors.contains("HEAD is detached"), "\(apply.transcript)")
        #expect(try scenario.git("status", "--porcelain") == before)
        #expect(try scenario.quickLog().isEmpty)
    }

    @Test("with index.lock held keeps the version, says so, and publishes with the next apply")
    func indexLock() throws {
        let scenario = try scenario()
        try scenario.write("", at: ".git/index.lock")
        let before = try scenario.git("status", "--porcelain")
        let apply = try scenario.ftops("apply", "--auto-approve")
        #expect(apply.output.contains("index.lock") || apply.errors.contains("index.lock"), "\(apply.transcript)")
        #expect(try scenario.versions().isEmpty)
        #expect(try scenario.git("status", "--porcelain") == before)
        #expect(FileManager.default.fileExists(atPath: scenario.repository.appending(path: ".git/index.lock").path))
        try FileManager.default.removeItem(at: scenario.repository.appending(path: ".git/index.lock"))
        let again = try scenario.ftops("apply", "--auto-approve")
        #expect(again.status == 0, "\(again.transcript)")
        #expect(try scenario.versions().count == 1)
        #expect(try scenario.completedTrainings() == 1)
    }

    @Test("with a path in the way keeps the file and the version, and says which")
    func pathInTheWay() throws {
        let scenario = try scenario()
        try scenario.write("mine\n", at: "versions/acme/greeter/README.md")
        let before = try scenario.git("status", "--porcelain")
        let apply = try scenario.ftops("apply", "--auto-approve")
        let said = apply.output + apply.errors
        #expect(said.contains("versions/acme/greeter/README.md"), "\(apply.transcript)")
        #expect(try scenario.versions().isEmpty)
        #expect(try scenario.git("status", "--porcelain") == before)
        #expect(try scenario.read("versions/acme/greeter/README.md") == "mine\n")
        try FileManager.default.removeItem(at: scenario.repository.appending(path: "versions"))
        #expect(try scenario.ftops("apply", "--auto-approve").status == 0)
        #expect(try scenario.versions().count == 1)
    }

    @Test("puts the version on the user's own commits and pushes nothing of theirs")
    func aheadOfRemote() throws {
        let scenario = try scenario(origin: true)
        try scenario.write("mine\n", at: "mine.txt")
        try scenario.commit("My own work")
        let there = try scenario.git("rev-parse", "main", in: scenario.origin)
        let apply = try scenario.ftops("apply", "--auto-approve")
        #expect(apply.status == 0, "\(apply.transcript)")
        #expect((apply.output + apply.errors).contains("git push"), "\(apply.transcript)")
        #expect(try scenario.versions().count == 1)
        #expect(try scenario.git("rev-parse", "main", in: scenario.origin) == there)
        try scenario.git("push", "--quiet")
        #expect(try scenario.ftops("apply", "--auto-approve").status == 0)
        #expect(try scenario.git("status", "--porcelain") == "")
        #expect(try scenario.ftops("status", "--all").output.contains("published"))
    }

    @Test("puts the version on the remote's tip where the branch is behind, and says git pull")
    func behindRemote() throws {
        let scenario = try scenario(origin: true)
        let other = scenario.folder.appending(path: "colleague")
        try scenario.git("clone", "--quiet", scenario.origin.path, other.path)
        try scenario.git("commit", "--quiet", "--allow-empty", "--message", "A colleague's work", in: other)
        try scenario.git("push", "--quiet", in: other)
        let here = try scenario.git("rev-parse", "main")
        let apply = try scenario.ftops("apply", "--auto-approve")
        #expect(apply.status == 0, "\(apply.transcript)")
        #expect(try scenario.git("rev-parse", "main") == here)
        let tree = try scenario.git("ls-tree", "-r", "--name-only", "main", "versions/", in: scenario.origin)
        #expect(tree.contains("versions/acme/greeter/1-"))
        try scenario.git("pull", "--quiet", "--ff-only")
        #expect(try scenario.ftops("plan", "--detailed-exitcode").status == 0)
    }

    @Test("refuses a remote that has the branch checked out before anything is claimed, and says what to do")
    func checkedOutRemote() throws {
        let scenario = try scenario()
        let remote = scenario.folder.appending(path: "colleague")
        try scenario.git("clone", "--quiet", scenario.repository.path, remote.path)
        try scenario.git("remote", "add", "origin", remote.path)
        let refused = try scenario.ftops("apply", "--auto-approve")
        #expect(
            refused.status == 1 && refused.errors.contains("main is checked out at remote"),
            "\(refused.transcript)"
        )
        #expect(refused.errors.contains("check out another branch there"))
        #expect(try scenario.git("for-each-ref", "refs/ftops", in: remote) == "")
        #expect(try scenario.quickLog().isEmpty)
        try scenario.git("checkout", "--quiet", "-b", "other", in: remote)
        let apply = try scenario.ftops("apply", "--auto-approve")
        #expect(apply.status == 0, "\(apply.transcript)")
        #expect(try scenario.git("rev-parse", "main", in: remote) == scenario.git("rev-parse", "main"))
        // With nothing to push there is nothing to refuse.
        try scenario.git("checkout", "--quiet", "main", in: remote)
        #expect(try scenario.ftops("apply", "--auto-approve").status == 0)
    }

    @Test("without pushing leaves the push to the next apply")
    func noPush() throws {
        let scenario = try scenario(origin: true)
        let there = try scenario.git("rev-parse", "main", in: scenario.origin)
        #expect(try scenario.ftops("apply", "--auto-approve", "--no-push").status == 0)
        #expect(try scenario.versions().count == 1)
        #expect(try scenario.git("rev-parse", "main", in: scenario.origin) == there)
        let apply = try scenario.ftops("apply", "--auto-approve")
        #expect(apply.status == 0, "\(apply.transcript)")
        #expect(try scenario.git("rev-parse", "main", in: scenario.origin) == scenario.git("rev-parse", "main"))
    }

    @Test("pushes later what was evaluated or reused without pushing, and never the user's own commits")
    func pushesExtensions() throws {
        let scenario = try scenario(origin: true)
        #expect(try scenario.ftops("apply", "--auto-approve").status == 0)
        let manifests = [
            Scenario.manifest().replacingOccurrences(of: "name: Ann", with: "name: Anna"),
            Scenario.manifest(destination: "acme/porter"),
        ]
        for manifest in manifests {
            try scenario.write(manifest, at: "manifests/greeter.yaml")
            try scenario.commit("Ask for something that needs no training")
            try scenario.git("push", "--quiet")
            let pushed = try scenario.git("rev-parse", "main")
            #expect(try scenario.ftops("apply", "--auto-approve", "--no-push").status == 0)
            #expect(try scenario.git("rev-parse", "main", in: scenario.origin) == pushed)
            let apply = try scenario.ftops("apply", "--auto-approve")
            #expect(apply.status == 0 && apply.errors.contains("pushed versions"), "\(apply.transcript)")
            #expect(try scenario.git("rev-parse", "main") != pushed)
            #expect(try scenario.git("rev-parse", "main", in: scenario.origin) == scenario.git("rev-parse", "main"))
        }
        let pushed = try scenario.git("rev-parse", "main")
        try scenario.git("commit", "--quiet", "--allow-empty", "--message", "The user's own work")
        #expect(try scenario.ftops("apply", "--auto-approve").status == 0)
        #expect(try scenario.git("rev-parse", "main", in: scenario.origin) == pushed)
    }
}
