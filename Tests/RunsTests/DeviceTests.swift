//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import FtopsTestSupport
import POSIX
import Testing

@testable import Runs

@Suite("The machine's devices")
struct DeviceTests {
    let scratch: ScratchFolder

    init() throws { scratch = try ScratchFolder() }

    private static let two = """
        GPU 0: NVIDIA H100 80GB HBM3 (UUID: GPU-aa11)
        GPU 1: NVIDIA H100 80GB HBM3 (UUID: GPU-bb22)

        """
    private static let sliced = """
        GPU 0: NVIDIA A100-SXM4-40GB (UUID: GPU-aa11)
          MIG 3g.20gb     Device  0: (UUID: MIG-1111)
          MIG 3g.20gb     Device  1: (UUID: MIG-2222)
        GPU 1: NVIDIA A100-SXM4-40GB (UUID: GPU-bb22)

        """

    /// A survey of a machine whose `nvidia-smi` answers so, and where the driver is loaded or not.
    private func survey(_ answer: String?, status: Int = 0, visible: String? = nil, driver: Bool = false) throws
        -> DeviceSurvey
    {
        if let answer {
            let script = "#!/bin/sh\n[ \"$*\" = -L ] || exit 2\ncat <<'END'\n\(answer)END\nexit \(status)\n"
            try scratch.writeProgram(script, to: "bin/nvidia-smi")
        }
        if driver { try scratch.write("", to: "nvidiactl") }
        var environment = ["PATH": "\(scratch.path("bin")):/usr/bin:/bin"]
        environment["CUDA_VISIBLE_DEVICES"] = visible
        return DeviceSurvey(environment: environment, driver: scratch.path("nvidiactl"))
    }

    @Test(
        "are the GPUs that nvidia-smi lists and CUDA_VISIBLE_DEVICES lets through, else the CPU",
        arguments: [
            (two, nil, ["GPU-aa11", "GPU-bb22"]), (two, "1", ["GPU-bb22"]), (two, "1,0", ["GPU-bb22", "GPU-aa11"]),
            (two, " GPU-b ", ["GPU-bb22"]), (two, "0,GPU-aa11", ["GPU-aa11"]), (two, "", ["cpu"]), (two, "-1", ["cpu"]),
            (sliced, nil, ["MIG-1111", "MIG-2222", "GPU-bb22"]), (sliced, "0", ["MIG-1111", "MIG-2222"]),
            (sliced, "MIG-2222", ["MIG-2222"]), ("No devices found.\n", nil, ["cpu"]), ("", "0", ["cpu"]),
        ] as [(String, String?, [String])]
    )
    func lists(answer: String, visible: String?, expected: [String]) throws {
        #expect(try survey(answer, visible: visible).devices().map(\.description) == expected)
    }

    @Test("are the CPU where there is neither nvidia-smi nor a driver, or a driver without GPU")
    func none() throws {
        #expect(try survey(nil).devices() == [.cpu])
        #expect(try survey("No devices were found\n", status: 6).devices() == [.cpu])
    }

    @Test("cannot be told by a driver that answers wrongly or not at all, unless GPUs are not wanted")
    func unknown() throws {
        func expect(_ reason: String, of survey: DeviceSurvey) {
            let error = #expect(throws: RunsError.self) { try survey.devices() }
            #expect(error?.code == .device && error?.message.contains(reason) == true, "\(reason)")
        }
        expect("not in PATH", of: try survey(nil, driver: true))
        expect("exited with 18: version mismatch", of: try survey("Driver/library\nversion mismatch\n", status: 18))
        expect("CUDA_VISIBLE_DEVICES names 2", of: try survey(Self.two, visible: "2"))
        #expect(try survey("broken\n", status: 9, visible: "", driver: true).devices() == [.cpu])
    }

    @Test(
        "have the memory that nvidia-smi tells, of several the most; nothing where it does not tell that of one",
        arguments: [
            ("GPU-aa11, 81559\nGPU-bb22, 40960\n", 81559 << 20), ("GPU-aa11, 40960\nGPU-bb22, [N/A]\n", nil),
            ("GPU-bb22, 24564\n", nil), ("", nil),
        ] as [(String, Int?)]
    )
    func memory(answer: String, bytes: Int?) throws {
        let query = "--query-gpu=uuid,memory.total --format=csv,noheader,nounits"
        let script = "#!/bin/sh\n[ \"$*\" = '\(query)' ] || exit 2\nprintf '\(answer)'\n"
        try scratch.writeProgram(script, to: "bin/nvidia-smi")
        let survey = DeviceSurvey(environment: ["PATH": scratch.path("bin") + ":/usr/bin:/bin"])
        #expect(try survey.memory(of: [.gpu("GPU-aa11"), .gpu("GPU-bb22")]) == bytes)
        #expect(try survey.memory(of: [.gpu("MIG-1111")]) == nil)
    }

    @Test("of a job are those of the kind that it was made for")
    func ofJob() throws {
        #expect(try survey(Self.two).devices(of: .cuda) == [.gpu("GPU-aa11"), .gpu("GPU-bb22")])
        #expect(try survey(Self.two).devices(of: .cpu) == [.cpu])
        let error = #expect(throws: RunsError.self) { try survey(Self.two, visible: "").devices(of: .cuda) }
        #expect(error?.code == .device)
    }

    @Test("are seen alone by what runs on them")
    func environment() {
        #expect(Device.cpu.environment == ["CUDA_VISIBLE_DEVICES": ""])
        #expect(Device.gpu("GPU-aa11").environment == ["CUDA_VISIBLE_DEVICES": "GPU-aa11"])
    }

    @Test("are locked one by one, the first that is free")
    func locks() throws {
        struct Enough: Error {}
        let place = try DeviceLock.folder(environment: ["FTOPS_DEVICE_LOCKS": scratch.path("devices")])
        let devices: [Device] = [.gpu("GPU-aa11"), .gpu("GPU-bb22")]
        let first = try #require(try DeviceLock.tryAcquire(oneOf: devices, in: place))
        let second = try DeviceLock.acquire(oneOf: devices, in: place) { _ in throw Enough() }
        #expect([first.device, second.device] == devices)
        #expect(try DeviceLock.tryAcquire(oneOf: devices, in: place) == nil)
        #expect(throws: Enough.self) { try DeviceLock.acquire(oneOf: devices, in: place) { _ in throw Enough() } }
        #expect(try DeviceLock.tryAcquire(oneOf: [.cpu], in: place) != nil)
        #expect(try DeviceLock.folder(environment: [:]).hasPrefix("/"))
        withExtendedLifetime((first, second)) {}
    }
}
