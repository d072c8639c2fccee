//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Foundation
import FtopsTestSupport
import JSON
import Testing

@Suite("Trainings and the memory that they have")
struct MemoryTests {
    /// The greeter, whose base says how much memory there is, or does not; it needs 1.3 GB of a GPU.
    private func scenario(memory: String? = nil) throws -> Scenario {
        let scenario = try Scenario()
        try scenario.writeManifests()
        let hardware = memory.map { ", hardware: {memory: \($0)}" } ?? ""
        try scenario.write(
            Scenario.manifest().replacing("quick-base==1.0.0", with: "quick-base==1.0.0\(hardware)"),
            at: "manifests/greeter.yaml"
        )
        try scenario.commit("Describe the greeter")
        return scenario
    }

    /// Gives a scenario's machine a GPU of so many MiB.
    private func addGPU(_ mebibytes: Int, to scenario: Scenario) throws {
        let script = """
            #!/bin/sh
            case "$1" in
            -L) echo 'GPU 0: NVIDIA A40 (UUID: GPU-aa11)' ;;
            --query-gpu=uuid,memory.total) echo 'GPU-aa11, \(mebibytes)' ;;
            esac

            """
        let tool = scenario.folder.appending(path: "bin/nvidia-smi")
        try scenario.write(script, at: "../bin/nvidia-smi")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: tool.path)
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        scenario.environment["PATH"] = "\(tool.deletingLastPathComponent().path):\(path)"
        scenario.environment["CUDA_VISIBLE_DEVICES"] = "0"
    }

    @Test("one that cannot fit into what its base says is blocked at that line, by plan and apply")
    func stated() throws {
        let scenario = try scenario(memory: "1GB")
        let plan = try scenario.ftops("plan", "--json")
        let item = try #require(try JSONParser.parse(plan.output)["items"]?.array?.first)
        #expect(plan.status == 0 && item["action"] == "blocked", "\(plan.transcript)")
        let lines = try scenario.read("manifests/greeter.yaml").split(separator: "\n", omittingEmptySubsequences: false)
        let line = try #require(lines.firstIndex { $0.hasPrefix("  node:") }) + 1
        #expect(item["blocked"]?["kind"] == "backend" && item["blocked"]?["line"]?.int == line, "\(item)")
        let reason = try #require(item["blocked"]?["reason"]?.string)
        #expect(reason == "it needs about 1.3 GB of memory, and the hardware has 1.0 GB; a device of 8 GB would do")
        let needed = try #require(item["estimate"]?["memory_bytes"]?.int)
        #expect((1_300_000_000...1_350_000_000).contains(needed))
        let apply = try scenario.ftops("apply", "--auto-approve")
        #expect(apply.status == 10 && apply.output.contains("x blocked (backend)  greeter"), "\(apply.transcript)")
        #expect(try scenario.completedTrainings() == 0)
    }

    @Test("one that cannot fit into this machine's GPU is warned of by plan, and not begun by apply")
    func machine() throws {
        let scenario = try scenario()
        try addGPU(900, to: scenario)
        let plan = try scenario.ftops("plan", "--out", "../plan.json")
        #expect(plan.output.contains("+ create  greeter"), "\(plan.transcript)")
        #expect(plan.errors.contains("and this machine's GPU has 0.9 GB; "), "\(plan.transcript)")
        for arguments in [["apply", "--auto-approve"], ["apply", "../plan.json"]] {
            let apply = try scenario.start(Scenario.executable.path, arguments).wait()
            #expect(
                apply.status == 10 && apply.transcript.contains("backend: it needs about 1.3 GB"),
                "\(apply.transcript)"
            )
        }
        #expect(try scenario.completedTrainings() == 0)
        #expect(try scenario.git("for-each-ref", "refs/ftops").isEmpty)
    }

    @Test("a machine's memory says nothing of what others train: strangers' changes, and plans of a CI service")
    func elsewhere() throws {
        let scenario = try scenario()
        try addGPU(900, to: scenario)
        #expect(try scenario.ftops("plan").errors.contains("[tight-memory]"))
        let runner = try scenario.ftops("plan", environment: ["CI": "true"])
        #expect(runner.status == 0 && !runner.errors.contains("[tight-memory]"), "\(runner.transcript)")
        let untrusted = try scenario.ftops("plan", "--untrusted", "--ref", "HEAD")
        #expect(untrusted.status == 0 && !untrusted.errors.contains("[tight-memory]"), "\(untrusted.transcript)")
    }

    @Test("what the base says comes before what this machine has")
    func corrected() throws {
        let scenario = try scenario(memory: "24GB")
        try addGPU(900, to: scenario)
        #expect(try scenario.ftops("plan").errors.isEmpty)
        let apply = try scenario.ftops("apply", "--auto-approve")
        #expect(apply.status == 0, "\(apply.transcript)")
    }
}
