//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import FtopsTestSupport
import Runs
import Testing

@Suite("State folder")
struct StateFolderTests {
    let scratch: ScratchFolder
    let host = StateFolder.Host(name: "gpu-1", machine: "m1")

    init() throws { scratch = try ScratchFolder() }

    @Test("is one holder for as long as it stays on its machine")
    func same() throws {
        let first = try StateFolder.open(scratch.path("state"), host: host)
        let second = try StateFolder.open(scratch.path("state"), host: .init(name: "renamed", machine: "m1"))
        #expect(first.holder == second.holder)
        #expect(first.holder.count == 32)
        #expect(first.host.name == "gpu-1")
    }

    @Test("is another holder on another machine's disk, and in another folder")
    func copied() throws {
        let first = try StateFolder.open(scratch.path("state"), host: host)
        let copy = try StateFolder.open(scratch.path("state"), host: .init(name: "gpu-1", machine: "m2"))
        #expect(first.holder != copy.holder)
        #expect(try StateFolder.open(scratch.path("state"), host: .init(name: "", machine: "m2")).holder == copy.holder)
        #expect(try StateFolder.open(scratch.path("other"), host: host).holder != first.holder)
    }

    @Test("is refused on a network file system, before anything is written there")
    func network() throws {
        let path = scratch.path("state")
        let error = #expect(throws: RunsError.self) { try StateFolder.open(path, network: { _ in "nfs" }) }
        #expect(error?.code == .networkFileSystem)
        #expect(error?.message.contains("(nfs)") == true)
        #expect(scratch.read("state/holder.json") == nil)
    }

    @Test("refuses a holder's file that is none")
    func spoilt() throws {
        try scratch.write("{", to: "state/holder.json")
        let error = #expect(throws: RunsError.self) { try StateFolder.open(scratch.path("state"), host: host) }
        #expect(error?.code == .unreadable)
    }

    @Test("lists the runs that were prepared in it")
    func runs() throws {
        let state = try StateFolder.open(scratch.path("state"), host: host)
        #expect(try state.runs().isEmpty)
        try scratch.write("{}", to: "state/runs/bbb/job.json")
        try scratch.write("{}", to: "state/runs/aaa/job.json")
        try scratch.write("{}", to: "state/runs/ccc/run.json")
        #expect(try state.runs().map(\.id) == ["aaa", "bbb"])
        #expect(state.run("aaa").path == scratch.path("state/runs/aaa"))
    }
}
