//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Foundation
import FtopsTestSupport
import Testing

@testable import Git

@Suite("advancing a checked-out branch")
struct WorkTreeAdvanceTests {
    @Test("adds, changes and removes the commit's files, and keeps every edit of the user's", arguments: [true, false])
    func advances(edits: Bool) throws {
        let scene = try Scene(edits: edits)
        try scene.advance.run(message: "ftops: publish")
        try scene.expectAdvanced()
        let reflog = try scene.sandbox.git("reflog", "-1", "--format=%gs", in: scene.top)
        #expect(reflog == "ftops: publish")
    }

    static let moments: [WorkTreeAdvance.Moment] =
        [.noted, .locked, .folders] + (0..<4).map { .file($0) } + [.prepared, .moved, .published, .unlocked]

    @Test("stopped at any moment it is finished or taken back, with nothing lost", arguments: moments)
    func recovers(moment: WorkTreeAdvance.Moment) throws {
        let scene = try Scene()
        var advance = scene.advance
        advance.stop = { $0 == moment }
        let error = #expect(throws: GitError.self) { try advance.run(message: "publish") }
        #expect(error?.code == .interrupted)
        let recovery = try WorkTreeAdvance.recover(note: scene.note)
        if [.moved, .published, .unlocked].contains(moment) {
            #expect(recovery == .finished)
            try scene.expectAdvanced("\(moment)")
        } else {
            #expect(recovery == .takenBack)
            try scene.expectUntouched("\(moment)")
            try scene.advance.run(message: "again")
            try scene.expectAdvanced("\(moment)")
        }
        #expect(try WorkTreeAdvance.recover(note: scene.note) == .nothing)
    }

    @Test("what the user edits after a stop is kept", arguments: moments)
    func keepsLaterEdits(moment: WorkTreeAdvance.Moment) throws {
        let scene = try Scene()
        var advance = scene.advance
        advance.stop = { $0 == moment }
        #expect(throws: GitError.self) { try advance.run(message: "publish") }
        try scene.sandbox.write("later\n", to: "work/versions/a/m/README.md")
        try scene.sandbox.write("later\n", to: "work/versions/b/n/deep/x")
        try WorkTreeAdvance.recover(note: scene.note)
        #expect(scene.sandbox.read("work/versions/a/m/README.md") == "later\n")
        #expect(scene.sandbox.read("work/versions/b/n/deep/x") == "later\n")
    }

    @Test("is taken back where git gc has removed the commit meanwhile")
    func recoversWithoutCommit() throws {
        let scene = try Scene()
        var advance = scene.advance
        advance.stop = { $0 == .prepared }
        #expect(throws: GitError.self) { try advance.run(message: "publish") }
        try scene.sandbox.git("prune", "--expire=now", in: scene.top)
        #expect(try WorkTreeAdvance.recover(note: scene.note) == .takenBack)
        try scene.expectUntouched()
    }

    @Test("is over where the clone was removed")
    func recoversNoClone() throws {
        let scene = try Scene()
        var advance = scene.advance
        advance.stop = { $0 == .prepared }
        #expect(throws: GitError.self) { try advance.run(message: "publish") }
        try FileManager.default.removeItem(atPath: scene.top)
        #expect(try WorkTreeAdvance.recover(note: scene.note) == .nothing)
        #expect(!FileManager.default.fileExists(atPath: scene.note))
    }

    @Test("a commit that fails to move the branch leaves everything as it was")
    func takesBack() throws {
        let scene = try Scene()
        let lock = "work/.git/refs/heads/main.lock"
        try scene.sandbox.write("", to: lock)
        let error = #expect(throws: GitError.self) { try scene.advance.run(message: "publish") }
        #expect(error?.code == .branchMoved)
        try FileManager.default.removeItem(atPath: scene.sandbox.path(lock))
        try scene.expectUntouched()
    }

    @Test("a lock of the user's is never removed")
    func respectsLock() throws {
        let scene = try Scene()
        try scene.sandbox.write("theirs", to: "work/.git/index.lock")
        let error = #expect(throws: GitError.self) { try scene.advance.run(message: "publish") }
        #expect(error?.code == .indexLocked)
        #expect(error?.message.contains("index.lock is held by another git process") == true)
        #expect(scene.sandbox.read("work/.git/index.lock") == "theirs")
        try FileManager.default.removeItem(atPath: scene.top + "/.git/index.lock")
        try scene.expectUntouched()
    }

    @Test("after a kill a lock that the user holds by now is kept, and the index follows when it is gone")
    func respectsLaterLock() throws {
        let scene = try Scene()
        var advance = scene.advance
        advance.stop = { $0 == .moved }
        #expect(throws: GitError.self) { try advance.run(message: "publish") }
        try scene.sandbox.write("theirs", to: "work/.git/index.lock")
        let error = #expect(throws: GitError.self) { try WorkTreeAdvance.recover(note: scene.note) }
        #expect(error?.code == .indexLocked)
        #expect(scene.sandbox.read("work/.git/index.lock") == "theirs")
        try FileManager.default.removeItem(atPath: scene.top + "/.git/index.lock")
        #expect(try WorkTreeAdvance.recover(note: scene.note) == .finished)
        try scene.expectAdvanced()
    }

    @Test(
        "a path in the way is named, and nothing happens",
        arguments: [
            "untracked", "edited", "folder", "link", "linked folder", "file for folder", "staged", "staged removal",
            "staged folder",
        ]
    )
    func namesWhatIsInTheWay(obstacle: String) throws {
        let plain = try Scene(edits: false)
        let (sandbox, top) = (plain.sandbox, plain.top)
        switch obstacle {
        case "untracked": try sandbox.write("mine\n", to: "work/versions/a/m/1-abc.yaml")
        case "edited": try sandbox.write("mine\n", to: "work/versions/a/m/README.md")
        case "folder": try sandbox.write("mine\n", to: "work/versions/a/m/1-abc.yaml/mine")
        case "link":
            try FileManager.default.createSymbolicLink(
                atPath: top + "/versions/a/m/1-abc.yaml",
                withDestinationPath: "README.md"
            )
        case "linked folder":
            try FileManager.default.createSymbolicLink(atPath: top + "/versions/b", withDestinationPath: "/tmp")
        case "file for folder": try sandbox.write("mine\n", to: "work/versions/b")
        case "staged":
            try sandbox.write("mine\n", to: "work/versions/a/m/README.md")
            try sandbox.git("add", "-A", in: top)
            try sandbox.write("one\n", to: "work/versions/a/m/README.md")
        case "staged removal": try sandbox.git("rm", "-q", "--cached", "versions/a/m/README.md", in: top)
        default:
            try sandbox.write("mine\n", to: "work/versions/b")
            try sandbox.git("add", "-A", in: top)
            try FileManager.default.removeItem(atPath: top + "/versions/b")
        }
        let before = try plain.state()
        let error = #expect(throws: GitError.self) { try plain.advance.run(message: "publish") }
        #expect(error?.code == .pathInTheWay)
        #expect(error?.message.contains("versions/") == true)
        #expect(try plain.state() == before)
        #expect(try plain.repository.head.commit == plain.old)
    }

    @Test("a file that has the new content already is left alone, also when the advance is taken back")
    func keepsEqualFiles() throws {
        let scene = try Scene(edits: false)
        try scene.sandbox.write("record\n", to: "work/versions/a/m/1-abc.yaml")
        var advance = scene.advance
        advance.stop = { $0 == .prepared }
        #expect(throws: GitError.self) { try advance.run(message: "publish") }
        try WorkTreeAdvance.recover(note: scene.note)
        #expect(scene.sandbox.read("work/versions/a/m/1-abc.yaml") == "record\n")
        try scene.advance.run(message: "publish")
        #expect(try scene.state().status == "")
    }

    @Test("a file that the user deleted stays deleted")
    func keepsDeletion() throws {
        let scene = try Scene(edits: false)
        try FileManager.default.removeItem(atPath: scene.top + "/versions/a/m/README.md")
        try scene.advance.run(message: "publish")
        #expect(try scene.state().status == " D versions/a/m/README.md")
    }

    @Test(
        "a merge under way, a detached HEAD and another branch each refuse",
        arguments: ["merge", "detached", "other"]
    )
    func refusesStates(state: String) throws {
        let scene = try Scene(edits: false)
        switch state {
        case "merge": try scene.sandbox.write(scene.new.hex + "\n", to: "work/.git/MERGE_HEAD")
        case "detached": try scene.sandbox.git("checkout", "-q", "--detach", in: scene.top)
        default: try scene.sandbox.git("checkout", "-q", "-b", "other", in: scene.top)
        }
        let error = #expect(throws: GitError.self) { try scene.advance.check() }
        #expect(error?.code == (state == "merge" ? .operationUnderWay : .branchMoved))
    }

    @Test("an edit in the moment of staging still shows as an edit")
    func keepsRacyEdits() throws {
        let scene = try Scene(edits: false)
        let moment = [FileAttributeKey.modificationDate: Date(timeIntervalSince1970: 1_700_000_000)]
        let (file, index) = (scene.top + "/manifests/a", scene.top + "/.git/index")
        try scene.sandbox.git("config", "core.checkStat", "minimal", in: scene.top)
        try scene.sandbox.git("config", "core.trustctime", "false", in: scene.top)
        try scene.sandbox.write("AAAA\n", to: "work/manifests/a")
        try FileManager.default.setAttributes(moment, ofItemAtPath: file)
        try scene.sandbox.git("add", "manifests/a", in: scene.top)
        try scene.sandbox.write("BBBB\n", to: "work/manifests/a")
        for path in [file, index] { try FileManager.default.setAttributes(moment, ofItemAtPath: path) }
        let before = try scene.sandbox.git("diff", in: scene.top)
        #expect(before.contains("+BBBB"))
        try scene.advance.run(message: "publish")
        #expect(try scene.sandbox.git("diff", in: scene.top) == before)
    }

    @Test("binary files come byte for byte")
    func keepsBytes() throws {
        let scene = try Scene(changes: ["versions/a/m/1.bin": "\u{0}\u{1}\r\n\u{0}"])
        try scene.advance.run(message: "publish")
        try scene.expectAdvanced()
    }

    @Test("line ends come as git's configuration asks for them")
    func followsLineEnds() throws {
        let scene = try Scene(
            files: [".gitattributes": "*.yaml text eol=crlf\n", "versions/a/m/README.md": "one\n"],
            edits: false
        )
        try scene.advance.run(message: "publish")
        #expect(scene.sandbox.read("work/versions/a/m/1-abc.yaml") == "record\r\n")
        #expect(try scene.state().status == "")
    }

    @Test("a branch that a work tree has checked out is not moved underneath it")
    func refusesCheckedOut() throws {
        let scene = try Scene(edits: false)
        let error = #expect(throws: GitError.self) {
            try scene.repository.moveBranch(
                "refs/heads/main",
                from: scene.old,
                to: scene.new,
                message: "move",
                note: scene.note
            )
        }
        #expect(error?.code == .branchCheckedOut)
        let bare = scene.sandbox.path("bare.git")
        try scene.sandbox.git("clone", "-q", "--bare", scene.top, bare, in: scene.top)
        let origin = try GitRepository(path: bare)
        let (repository, branch) = (scene.repository, "refs/heads/main")
        let push = { (old: ObjectID) in
            try repository.push(scene.new, to: origin, branch: branch, from: old, message: "push", note: scene.note)
        }
        #expect(try !push(scene.new))
        #expect(try push(scene.old))
        #expect(try origin.reference(branch) == scene.new)
        try scene.sandbox.git("worktree", "add", "-q", scene.sandbox.path("linked"), "main", in: bare)
        #expect(try GitRepository(path: bare).isCheckedOut("refs/heads/main"))
        let linked = try GitRepository(path: scene.sandbox.path("linked"))
        #expect(try linked.isCheckedOut("refs/heads/main"))
        #expect(linked.gitDirectory != linked.commonDirectory)
    }

    @Test("the note of an advance comes back as it was")
    func notesRoundTrip() throws {
        let sandbox = try GitSandbox()
        let id = try #require(ObjectID(hex: String(repeating: "a", count: 40)))
        let entry = TreeEntry(id: id, isExecutable: true)
        let items = [
            AdvanceNote.Item(change: TreeChange(path: "a b\n%41 c", old: nil, new: entry), before: .absent),
            AdvanceNote.Item(change: TreeChange(path: "x", old: entry, new: nil), before: .old),
        ]
        let note = AdvanceNote(
            token: "t",
            workTree: "/a b",
            gitDirectory: "/a b/.git",
            branch: "refs/heads/main",
            old: id,
            new: id,
            items: items,
            folders: ["a b\n%41", "c"]
        )
        try note.write(to: sandbox.path("note"))
        #expect(try AdvanceNote.read(sandbox.path("note")) == note)
        try sandbox.write("half", to: "note")
        #expect(throws: GitError.self) { try WorkTreeAdvance.recover(note: sandbox.path("note")) }
    }
}
