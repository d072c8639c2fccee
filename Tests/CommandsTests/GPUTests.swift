//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Foundation
import FtopsTestSupport
import Testing

@Suite("Machines with GPUs, by what their nvidia-smi says")
struct GPUTests {
    /// A repository on a machine whose `nvidia-smi` runs this script.
    private func scenario(_ script: String) throws -> Scenario {
        let scenario = try Scenario()
        let tool = scenario.folder.appending(path: "bin/nvidia-smi")
        try scenario.write("#!/bin/sh\n\(script)\n", at: "../bin/nvidia-smi")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: tool.path)
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        scenario.environment["PATH"] = "\(tool.deletingLastPathComponent().path):\(path)"
        scenario.environment["CUDA_VISIBLE_DEVICES"] = "1,0"
        try scenario.writeManifests()
        try scenario.commit("Describe the greeter")
        return scenario
    }

    private static let two = """
        echo 'GPU 0: NVIDIA A40 (UUID: GPU-aa11)'
        echo 'GPU 1: NVIDIA A40 (UUID: GPU-bb22)'
        """

    @Test("train on one GPU, which is all that the trainer sees")
    func trains() throws {
        let scenario = try scenario(Self.two)
        let apply = try scenario.ftops("apply", "--auto-approve")
        #expect(apply.status == 0, "\(apply.transcript)")
        #expect(try scenario.read(try #require(scenario.versions().first)).contains("device: cuda"))
        let runs = scenario.folder.appending(path: "state/runs")
        let run = try #require(try FileManager.default.contentsOfDirectory(atPath: runs.path).first)
        let log = try String(contentsOf: runs.appending(path: "\(run)/train.log"), encoding: .utf8)
        #expect(log == "sees GPU-bb22\n")
        let doctor = try scenario.ftops("doctor")
        #expect(doctor.output.contains("devices: GPU-bb22, GPU-aa11"), "\(doctor.transcript)")
    }

    @Test("answer on a GPU that no run holds, and on the CPU while runs hold all")
    func answers() throws {
        let scenario = try scenario(Self.two)
        #expect(try scenario.ftops("apply", "--auto-approve").status == 0)
        let echo = ["FTOPS_QUICK_ECHO": "device"]
        let run = try scenario.ftops("run", "acme/greeter", "--prompt", "Hello", environment: echo)
        #expect(run.output == "cuda GPU-bb22\n", "\(run.transcript)")
        let locks = ["GPU-aa11", "GPU-bb22"].map { gpu in
            open(scenario.folder.appending(path: "devices/\(gpu).lock").path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
        }
        defer { for lock in locks { close(lock) } }
        for lock in locks { try #require(flock(lock, LOCK_EX | LOCK_NB) == 0) }
        let crowded = try scenario.ftops("run", "acme/greeter", "--prompt", "Hello", environment: echo)
        #expect(crowded.output == "cpu \n" && crowded.errors.contains("runs use every GPU"), "\(crowded.transcript)")
    }

    @Test("that cannot be told train nothing and claim nothing, until the CPU is asked for")
    func refuses() throws {
        let scenario = try scenario("echo 'no communication with the NVIDIA driver'; exit 9")
        let apply = try scenario.ftops("apply", "--auto-approve")
        #expect(apply.status == 1 && apply.errors.contains("no communication with the NVIDIA driver"))
        #expect(apply.errors.contains("CUDA_VISIBLE_DEVICES"), "\(apply.transcript)")
        #expect(try scenario.git("for-each-ref", "refs/ftops") == "")
        let cpu = try scenario.ftops("apply", "--auto-approve", environment: ["CUDA_VISIBLE_DEVICES": ""])
        #expect(cpu.status == 0, "\(cpu.transcript)")
        #expect(try scenario.read(try #require(scenario.versions().first)).contains("device: cpu"))
    }
}
