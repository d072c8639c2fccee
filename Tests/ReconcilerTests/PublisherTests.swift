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
@testable import Reconciler

@Suite("Publisher")
struct PublisherTests {
    let sandbox: GitSandbox
    let top: String
    let repository: GitRepository

    init() throws {
        sandbox = try GitSandbox()
        top = try sandbox.repository()
        repository = try GitRepository(path: top)
    }

    private func publisher(_ remote: Publisher.Remote? = nil) throws -> Publisher { try Self.publisher(top, remote) }

    private static func publisher(_ top: String, _ remote: Publisher.Remote? = nil) throws -> Publisher {
        let local = try GitRepository(path: top)
        var publisher = Publisher(
            clone: .present(local),
            remote: remote,
            branch: "main",
            push: true,
            identity: try CommitIdentity(local)
        )
        publisher.patience = .seconds(60)
        return publisher
    }

    private func origin() throws -> Publisher.Remote {
        let path = try sandbox.bare()
        try sandbox.git("remote", "add", "origin", path, in: top)
        try sandbox.git("push", "-q", "-u", "origin", "main", in: top)
        return try remote()
    }

    private func remote() throws -> Publisher.Remote {
        let path = sandbox.path("origin.git")
        return Publisher.Remote(
            name: "origin",
            repository: try GitRepository(path: path),
            copy: try RemoteCopy.open("origin", at: path, in: sandbox.path("state"))
        )
    }

    private func versions() throws -> Int {
        try sandbox.git("ls-tree", "-r", "--name-only", "HEAD", "versions/", in: top).split(separator: "\n")
            .count { $0.hasSuffix(".yaml") }
    }

    /// An advance of the work tree that a killed process left behind at a moment.
    private func leave(_ moment: WorkTreeAdvance.Moment) throws {
        let tip = try repository.resolve("HEAD")
        let tree = try repository.writeTree(basedOn: tip, changes: ["versions/x/y/1-z.svg": [1]])
        let next = try repository.writeCommit(tree: tree, parents: [tip], message: "publish", author: .ftops)
        let note = repository.gitDirectory + "/ftops-advance"
        var advance = WorkTreeAdvance(repository, branch: "refs/heads/main", from: tip, to: next, note: note)
        advance.stop = { $0 == moment }
        #expect(throws: GitError.self) { try advance.run(message: "publish") }
    }

    @Test("goes on where another process was killed, whatever that one published", arguments: [false, true])
    func goesOn(hasRemote: Bool) throws {
        let remote = hasRemote ? try origin() : nil
        for moment in [WorkTreeAdvance.Moment.locked, .prepared] {
            try leave(moment)
            #expect(FileManager.default.fileExists(atPath: top + "/.git/index.lock"))
            let published = try publisher(remote).publish(Samples.version("a"), description: nil)
            #expect(published.isPublished && published.notes.isEmpty)
            #expect(try versions() == 1)
            #expect(try sandbox.git("status", "--porcelain", in: top) == "")
        }
        try leave(.locked)
        try publisher(remote).recover()
        #expect(!FileManager.default.fileExists(atPath: top + "/.git/index.lock"))
    }

    @Test("waits for a git command that holds the index for a moment")
    func waitsForIndex() throws {
        try sandbox.write("theirs", to: "work/.git/index.lock")
        let thread = Thread { [sandbox, top] in
            // Once the commit is there, which no branch has yet, it is the index that is waited for.
            let isCommitted = Eventually.holds {
                (try? sandbox.git("fsck", "--unreachable", "--no-reflogs", in: top))?.contains("commit") == true
            }
            if isCommitted { try? FileManager.default.removeItem(atPath: top + "/.git/index.lock") }
        }
        thread.start()
        #expect(try publisher().publish(Samples.version(), description: nil).isPublished)
        #expect(try versions() == 1)
        #expect(try sandbox.git("status", "--porcelain", in: top) == "")
    }

    @Test("of several processes at once, one commits, and the work tree follows")
    func takesTurns() async throws {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<4 {
                group.addTask { [top] in
                    try Self.publisher(top).publish(Samples.version(), description: nil).isPublished
                }
            }
            for try await isPublished in group { #expect(isPublished) }
        }
        #expect(try sandbox.git("rev-list", "--count", "HEAD", in: top) == "2")
        #expect(try sandbox.git("status", "--porcelain", in: top) == "")
    }

    @Test("has published what the remote has, whatever is in the way here")
    func remoteCounts() throws {
        let remote = try origin()
        try sandbox.write("", to: "work/.git/refs/remotes/origin/main.lock")
        try sandbox.write("mine", to: "work/versions/acme/greeter/README.md")
        let published = try publisher(remote).publish(Samples.version(), description: nil)
        #expect(published.isPublished)
        #expect(published.notes.first?.contains("README.md") == true)
        #expect(published.notes.first?.hasSuffix("git pull") == true)
    }

    @Test("gives up where a branch is locked for good, and says by what")
    func givesUp() throws {
        try sandbox.write("", to: "work/.git/refs/heads/main.lock")
        var publisher = try publisher()
        publisher.patience = .zero
        let error = #expect(throws: ReconcilerError.self) {
            try publisher.publish(Samples.version(), description: nil)
        }
        #expect(error?.message.contains("refs/heads/main.lock") == true)
        try FileManager.default.removeItem(atPath: top + "/.git/refs/heads/main.lock")
        #expect(try sandbox.git("status", "--porcelain", in: top) == "")
    }

    /// How the clone is while a version is published to its remote.
    enum CloneState: CaseIterable {
        case level
        case behind
        case ahead
        case edited
        case locked
        case broken
        case removed
    }

    private func prepare(_ state: CloneState) throws {
        switch state {
        case .level: return
        case .behind:
            let other = try sandbox.clone(sandbox.path("origin.git"), as: "other")
            try sandbox.git("commit", "-q", "--allow-empty", "-m", "a colleague's", in: other)
            try sandbox.git("push", "-q", in: other)
        case .ahead: try sandbox.git("commit", "-q", "--allow-empty", "-m", "the user's", in: top)
        case .edited: try sandbox.write("mine", to: "work/versions/acme/greeter/README.md")
        case .locked: try sandbox.write("theirs", to: "work/.git/index.lock")
        case .broken: try sandbox.write("nonsense", to: "work/.git/refs/heads/main")
        case .removed: try FileManager.default.removeItem(atPath: top)
        }
    }

    private func publisher(_ state: CloneState) throws -> Publisher {
        let clone: Publisher.Clone =
            state == .removed ? .gone("it was removed") : .present(try GitRepository(path: top))
        var publisher = Publisher(
            clone: clone,
            remote: try remote(),
            branch: "main",
            push: true,
            identity: CommitIdentity(author: .ftops, committer: .ftops)
        )
        publisher.patience = .milliseconds(100)
        return publisher
    }

    @Test(
        "goes on to one commit at the remote wherever it was killed, however the clone is",
        arguments: CloneState.allCases,
        Publisher.Moment.allCases
    )
    func killed(state: CloneState, moment: Publisher.Moment) throws {
        _ = try origin()
        try prepare(state)
        var first = try publisher(state)
        first.stop = { $0 == moment }
        // A version on top of the user's own commits is not pushed, and so it passes no further moment.
        if state != .ahead || moment == .fetched {
            #expect(throws: Publisher.Interrupted.self) { try first.publish(Samples.version(), description: nil) }
        }
        let published = try publisher(state).publish(Samples.version(), description: nil)
        let there = try sandbox.git("ls-tree", "-r", "--name-only", "main", "versions/", in: sandbox.path("origin.git"))
        let count = there.split(separator: "\n").count { $0.hasSuffix(".yaml") }
        #expect(published.isPublished == (state != .ahead) && count == (state == .ahead ? 0 : 1))
        #expect(published.number == 1)
        try sandbox.git("fsck", "--strict", in: sandbox.path("origin.git"))
        switch state {
        case .level:
            #expect(try versions() == 1 && published.notes.isEmpty)
            #expect(try sandbox.git("status", "--porcelain", in: top) == "")
        case .ahead:
            #expect(try versions() == 1)
            #expect(published.notes.first?.contains("git push") == true)
        case .behind, .edited, .locked, .broken: #expect(published.notes.first?.hasSuffix("git pull") == true)
        case .removed: #expect(published.notes == ["it was removed"])
        }
    }

    @Test("without the clone leaves what is not to be pushed, and says so")
    func needsClone() throws {
        _ = try origin()
        let publisher = Publisher(
            clone: .gone("it was removed"),
            remote: try remote(),
            branch: "main",
            push: false,
            identity: CommitIdentity(author: .ftops, committer: .ftops)
        )
        let left = try publisher.publish(Samples.version(), description: nil)
        #expect(!left.isPublished && left.number == nil && left.notes.contains("it was removed"))
    }

    @Test("makes this machine's copy of a remote once, and anew where it is lost or broken")
    func copies() throws {
        _ = try origin()
        let copy = try remote().copy
        #expect(copy.isBare)
        #expect(try remote().copy.gitDirectory == copy.gitDirectory)
        try FileManager.default.removeItem(atPath: copy.gitDirectory + "/HEAD")
        #expect(try publisher(try remote()).publish(Samples.version(), description: nil).isPublished)
        try FileManager.default.removeItem(atPath: copy.gitDirectory)
        #expect(try publisher(try remote()).publish(Samples.version("b"), description: nil).number == 2)
    }
}
