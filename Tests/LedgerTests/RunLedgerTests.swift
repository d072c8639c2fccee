//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import FtopsTestSupport
import Git
import Planning
import Resources
import Testing

@testable import Ledger

@Suite("ledger")
struct RunLedgerTests {
    let sandbox: GitSandbox
    let now = Timestamp(seconds: 1_800_000_000)

    init() throws { sandbox = try GitSandbox() }

    private func local(_ name: String = "work", hasVersions: Bool = false) throws -> RunLedger {
        let path = sandbox.read("\(name)/README.md") == nil ? try sandbox.repository(name) : sandbox.path(name)
        return try RunLedger(repository: GitRepository(path: path), hasVersions: hasVersions)
    }

    /// The ledger of a clone of `origin.git`, which is made when it is first asked for.
    private func shared(_ name: String, hasVersions: Bool = false) throws -> RunLedger {
        let origin = sandbox.path("origin.git")
        if sandbox.read("origin.git/HEAD") == nil {
            _ = try sandbox.bare()
            try sandbox.git("push", "-q", origin, "main", in: sandbox.repository("seed"))
        }
        let path = sandbox.read("\(name)/README.md") == nil ? try sandbox.clone(origin, as: name) : sandbox.path(name)
        let repository = try GitRepository(path: path)
        let remote = try RunLedger.Home(opening: "origin", of: repository)
        return RunLedger(repository: repository, remote: remote, hasVersions: hasVersions)
    }

    private func lastSeen(_ ledger: RunLedger) throws -> LedgerSnapshot? {
        try RunLedger.lastSeen(in: ledger.local, remote: ledger.remote?.name, reference: ledger.reference)
    }

    private func entry(_ seed: UInt64, _ state: RunEntry.State = .claimed) -> RunEntry {
        var samples = Samples(seed: seed)
        var entry = samples.entry()
        entry.state = state
        return entry
    }

    @discardableResult
    private func write(_ entry: RunEntry, to ledger: RunLedger) throws -> LedgerSnapshot {
        try ledger.step(message: "write", now: now) { _ in [entry.fingerprint: entry] }
    }

    @Test("begins with the first step, and runs get ids from its root")
    func begins() throws {
        let ledger = try local()
        #expect(try ledger.read() == .empty)
        let entry = entry(1)
        let first = try write(entry, to: ledger)
        #expect(first.entries == [entry.fingerprint: entry])
        #expect(try ledger.read() == first)
        let second = try write(self.entry(2), to: ledger)
        #expect(second.root == first.root)
        #expect(second.root == first.tip)
        #expect(try ledger.read() == second)
        let id = try #require(second.runID(of: entry.fingerprint))
        #expect(id.rawValue.count == 12)
        #expect(second.runs(named: String(id.rawValue.prefix(6))) == [entry])
        let log = try sandbox.git("log", "--format=%an %ct %s", "refs/ftops/ledger", in: sandbox.path("work"))
        #expect(log == "Ada 1800000000 write\nAda 1800000000 write")
        #expect(try sandbox.git("fsck", "--strict", in: sandbox.path("work")).isEmpty)
    }

    @Test("no two machines make the same commit of the same step, be it the first or a later one")
    func makesStepsOfItsOwn() throws {
        let repository = try GitRepository(path: sandbox.repository())
        let history = LedgerHistory(repository: repository)
        let step = LedgerStep(message: "claim", author: .ftops)
        let entries = [entry(1).fingerprint: entry(1)]
        let roots = try (0..<2).map { _ in try #require(try history.commit(entries, on: .empty, as: step)) }
        #expect(roots[0].root != roots[1].root)
        #expect(roots[0].runID(of: entry(1).fingerprint) != roots[1].runID(of: entry(1).fingerprint))
        let next = try (0..<2).map { _ in try history.commit([:], on: roots[0], as: step)?.tip }
        #expect(next[0] != nil && next[0] != next[1])
    }

    @Test("an id is that of the root's digits, a line feed and the fingerprint")
    func derivesIDs() throws {
        let root = try #require(ObjectID(hex: String(repeating: "a", count: 40)))
        let fingerprint = try #require(Fingerprint(rawValue: "v1-" + String(repeating: "0", count: 64)))
        #expect(RunID(root: root, fingerprint: fingerprint).rawValue == "270bd580e403")
    }

    @Test("a step without a change makes no commit, and one can remove a run")
    func keepsStill() throws {
        let ledger = try local()
        let entry = entry(1)
        #expect(try ledger.step(message: "none", now: now) { _ in [:] } == .empty)
        let before = try write(entry, to: ledger)
        #expect(try write(entry, to: ledger) == before)
        let after = try ledger.step(message: "remove", now: now) { _ in [entry.fingerprint: nil] }
        #expect(after.entries.isEmpty)
        #expect(try ledger.read() == after)
    }

    @Test("a decision that was overtaken is made anew on the newer tip")
    func decidesAnew() throws {
        let ledger = try local()
        let other = try local()
        let (mine, theirs) = (entry(1), entry(2))
        var seen: [Set<Fingerprint>] = []
        let after = try ledger.step(message: "mine", now: now) { snapshot in
            seen.append(Set(snapshot.entries.keys))
            if seen.count == 1 { try write(theirs, to: other) }
            return [mine.fingerprint: mine]
        }
        #expect(seen == [[], [theirs.fingerprint]])
        #expect(after.entries == [mine.fingerprint: mine, theirs.fingerprint: theirs])
    }

    @Test("two clones share the ledger of their remote, and each keeps a copy for times without it")
    func shares() throws {
        let (one, two) = (try shared("one"), try shared("two"))
        let entry = entry(1)
        let first = try write(entry, to: one)
        #expect(try lastSeen(one) == first)
        #expect(try lastSeen(two) == nil)
        #expect(try two.read() == first)
        #expect(try lastSeen(two) == first)
        let second = try write(self.entry(2), to: two)
        #expect(try lastSeen(one) == first)
        #expect(try one.read() == second)
        #expect(try lastSeen(one) == second)
        for name in ["one", "two", "origin.git"] {
            #expect(try sandbox.git("fsck", "--strict", in: sandbox.path(name)) == "")
        }
    }

    @Test("a remote without a ledger gets the repository's own one whole, and two own ones become one")
    func handsOver() throws {
        _ = try shared("one")
        _ = try shared("two")
        let own = try write(
            entry(1, .published),
            to: RunLedger(repository: GitRepository(path: sandbox.path("one")), hasVersions: false)
        )
        try write(
            entry(2, .trained),
            to: RunLedger(repository: GitRepository(path: sandbox.path("two")), hasVersions: false)
        )
        let (one, two) = (try shared("one"), try shared("two"))
        #expect(try one.read().entries == own.entries)
        #expect(try one.home.reference(RunLedger.standardReference) == nil)
        let shared = try write(entry(3), to: one)
        #expect(shared.root == own.root)
        #expect(shared.entries.count == 2)
        #expect(try two.read().entries.count == 3)
        let all = try write(entry(4), to: two)
        #expect(all.entries.count == 4)
        #expect(all.root == own.root)
        let fingerprint = entry(2).fingerprint
        try one.step(message: "remove", now: now) { _ in [fingerprint: nil] }
        #expect(try two.read().entries.count == 3)
    }

    @Test("joins the own ledger to the remote's, for whoever has not this repository")
    func joins() throws {
        try write(entry(1), to: shared("two"))
        let one = try shared("one")
        try one.join(now: now)
        let own = try RunLedger(repository: GitRepository(path: sandbox.path("one")), hasVersions: false)
        try sandbox.git("update-ref", "-d", "refs/ftops/remotes/origin/ledger", in: sandbox.path("one"))
        try write(entry(2), to: own)
        for _ in 1...2 {
            try shared("one").join(now: now)
            #expect(try shared("two").read().entries.count == 2)
        }
        #expect(try sandbox.git("rev-list", "--count", "refs/ftops/ledger", in: sandbox.path("origin.git")) == "2")
    }

    @Test("absence is an error where versions say that there was a ledger", arguments: [true, false])
    func missesLedger(hasRemote: Bool) throws {
        let ledger = hasRemote ? try shared("one", hasVersions: true) : try local(hasVersions: true)
        let error = #expect(throws: LedgerError.self) { try ledger.read() }
        #expect(error?.code == .missing)
        #expect(error?.message.contains("ftops doctor --fix") == true)
        #expect(throws: LedgerError.self) { try write(entry(1), to: ledger) }
    }

    @Test("a ledger that was seen and is gone, or is another one, is an error", arguments: [true, false])
    func missesSeen(isReplaced: Bool) throws {
        let ledger = try shared("one")
        try write(entry(1), to: ledger)
        try sandbox.git("update-ref", "-d", RunLedger.standardReference, in: sandbox.path("origin.git"))
        if isReplaced { try write(entry(2), to: shared("two")) }
        let error = #expect(throws: LedgerError.self) { try ledger.read() }
        #expect(error?.code == .missing)
    }

    @Test("a lost ledger comes back from the last copy and the versions, with the ids that runs had")
    func rebuilds() throws {
        let ledger = try shared("one", hasVersions: true)
        #expect(throws: LedgerError.self) { try write(entry(1), to: ledger) }
        let before = try write(entry(1, .started), to: shared("one"))
        try sandbox.git("update-ref", "-d", RunLedger.standardReference, in: sandbox.path("origin.git"))
        var samples = Samples(seed: 9)
        let record = samples.record()
        let after = try ledger.rebuild(versions: [("main", record)], now: now)
        #expect(after.root == before.root)
        #expect(after.entries[entry(1).fingerprint] == entry(1, .started))
        #expect(after.entries[record.fingerprint]?.state == .published)
        #expect(after.entries[record.fingerprint]?.version == record)
        #expect(try ledger.read() == after)
        #expect(try shared("two").read() == after)
    }

    @Test("of two ledgers the union holds, for everyone who has seen either")
    func unites() throws {
        let (one, two) = (try shared("one"), try shared("two"))
        try write(entry(1), to: one)
        try sandbox.git("update-ref", "-d", RunLedger.standardReference, in: sandbox.path("origin.git"))
        try write(entry(2), to: two)
        let after = try one.rebuild(versions: [], now: now)
        #expect(Set(after.entries.keys) == [entry(1).fingerprint, entry(2).fingerprint])
        #expect(try one.read() == after)
        #expect(try two.read() == after)
    }

    @Test(
        "an own ledger that was handed over, and has gone on there, is not gone on with elsewhere",
        arguments: [true, false]
    )
    func missesSuccessor(hasRemote: Bool) throws {
        let shared = try shared("one")
        let own = try RunLedger(repository: GitRepository(path: sandbox.path("one")), hasVersions: false)
        try write(entry(1), to: own)
        #expect(try own.read().entries.count == 1)
        let before = try write(entry(2), to: shared)
        let repository = try GitRepository(path: sandbox.path("one"))
        try sandbox.git("remote", "add", "new", sandbox.bare("new.git"), in: sandbox.path("one"))
        let home = hasRemote ? try RunLedger.Home(opening: "new", of: repository) : nil
        let moved = RunLedger(repository: repository, remote: home, hasVersions: false)
        let error = #expect(throws: LedgerError.self) { try moved.read() }
        #expect(error?.code == .missing)
        let after = try moved.rebuild(versions: [], now: now)
        #expect(after.entries == before.entries && after.root == before.root)
        #expect(try moved.read() == after)
        #expect(try write(entry(3), to: moved).entries.count == 3)
        #expect(try write(entry(4), to: shared).entries.count == (hasRemote ? 3 : 4))
    }

    @Test("a project that goes to another remote, or to none, takes what was last seen of the ledger along")
    func missesCopy() throws {
        let before = try write(entry(1), to: shared("one"))
        let moved = try RunLedger(repository: GitRepository(path: sandbox.path("one")), hasVersions: false)
        let error = #expect(throws: LedgerError.self) { try moved.read() }
        #expect(error?.code == .missing)
        #expect(try moved.rebuild(versions: [], now: now) == before)
        #expect(try moved.read() == before)
    }

    @Test("a ref of the user's is no ledger")
    func refusesBranch() throws {
        let repository = try GitRepository(path: sandbox.repository())
        let ledger = RunLedger(repository: repository, reference: "refs/heads/main", hasVersions: false)
        let error = #expect(throws: LedgerError.self) { try write(entry(1), to: ledger) }
        #expect(error?.code == .broken)
    }

    @Test("a ledger that was lost with every copy comes back from the versions")
    func rebuildsFromVersions() throws {
        let ledger = try local(hasVersions: true)
        var samples = Samples(seed: 9)
        let record = samples.record()
        let after = try ledger.rebuild(versions: [("main", record)], now: now)
        #expect(after.entries.keys.contains(record.fingerprint))
        #expect(try ledger.read() == after)
        #expect(try ledger.rebuild(versions: [("main", record)], now: now) == after)
    }

    @Test("a file that is broken or under another name stops the reading, with its path")
    func refusesBrokenEntries() throws {
        let ledger = try local()
        try write(entry(1), to: ledger)
        let repository = try GitRepository(path: sandbox.path("work"))
        let tip = try repository.resolve(RunLedger.standardReference)
        for text in ["state: x\n", RunEntryCodec.text(entry(2))] {
            let tree = try repository.writeTree(basedOn: tip, changes: ["runs/aa/v1-x.yaml": Array(text.utf8)])
            let commit = try repository.writeCommit(tree: tree, parents: [tip], message: "break", author: .ftops)
            try sandbox.git("update-ref", RunLedger.standardReference, commit.hex, in: sandbox.path("work"))
            let error = #expect(throws: LedgerError.self) { try ledger.read() }
            #expect(error?.message.contains("runs/aa/v1-x.yaml") == true)
        }
    }

    @Test("reads the versions of a commit, and says which file is broken")
    func readsVersions() throws {
        var samples = Samples(seed: 5)
        var records = [samples.record(), samples.record()]
        for index in records.indices {
            records[index].model = ModelName(owner: "acme", name: "m")
            records[index].number = 2 - index
        }
        var files = ["README.md": "x", "versions/acme/m/README.md": "x"]
        for record in records { files[VersionRecordCodec.path(of: record)] = VersionRecordCodec.text(record) }
        let path = try sandbox.repository(files: files)
        let repository = try GitRepository(path: path)
        #expect(try PublishedVersions.read(repository, repository.resolve("HEAD")) == records.reversed())
        #expect(try PublishedVersions.exist(repository, repository.resolve("HEAD")))
        try sandbox.write("kind: Version\n", to: "work/versions/acme/m/3-x.yaml")
        try sandbox.git("add", "-A", in: path)
        try sandbox.git("commit", "-q", "-m", "break", in: path)
        let error = #expect(throws: LedgerError.self) {
            try PublishedVersions.read(repository, repository.resolve("HEAD"))
        }
        #expect(error?.message.contains("versions/acme/m/3-x.yaml:1:1: `apiVersion` is missing") == true)
    }
}
