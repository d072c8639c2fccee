//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import POSIX

/// Finds the devices of this machine, of which a run takes one: its NVIDIA GPUs, else the CPU.
///
/// The driver's own `nvidia-smi` is asked, which asks NVML. `CUDA_VISIBLE_DEVICES` chooses among the GPUs as it does for
/// any CUDA program; set to nothing, the CPU is the device. A machine whose GPUs cannot be told is an error, since a
/// training that takes an hour on one takes a week on the CPU.
package struct DeviceSurvey {
    static let visible = "CUDA_VISIBLE_DEVICES"
    /// What `nvidia-smi` ends with where a driver is loaded and there is no GPU.
    private static let noDevice: Int32 = 6
    private let environment: [String: String]
    private let driver: String
    private let patience: Duration

    /// Prepares to look, with the environment's `PATH` and `CUDA_VISIBLE_DEVICES`; `driver` is there where the NVIDIA
    /// driver is loaded. An answer may take as long as `patience`: a GPU that has fallen off its bus leaves whoever asks
    /// waiting for ever.
    package init(
        environment: [String: String],
        driver: String = "/dev/nvidiactl",
        patience: Duration = .seconds(60)
    ) {
        self.environment = environment
        self.driver = driver
        self.patience = patience
    }

    /// The devices, in the order in which they are tried: GPUs, or the CPU alone.
    package func devices() throws -> [Device] {
        let visible = environment[Self.visible]
        if let visible, Self.isNone(visible) { return [.cpu] }
        guard let listing = try answer(["-L"]) else { return [.cpu] }
        let gpus = try Self.choose(Self.parse(listing), visible: visible)
        return gpus.isEmpty ? [.cpu] : gpus.map(Device.gpu)
    }

    /// The devices that a job may run on that was made for a kind of them.
    package func devices(of kind: Device.Kind) throws -> [Device] {
        guard kind == .cuda else { return [.cpu] }
        let devices = try devices()
        guard devices != [.cpu] else {
            throw RunsError(
                .device,
                "the run was started on a GPU, and now there is none here: make the GPU visible again, "
                    + "or end the run with ftops cancel"
            )
        }
        return devices
    }

    /// The bytes of memory of the largest of these GPUs, on which a run may come to be; nothing where the memory of one
    /// is not told, as that of a slice is not.
    package func memory(of devices: [Device]) throws -> Int? {
        let query = ["--query-gpu=uuid,memory.total", "--format=csv,noheader,nounits"]
        guard let answer = try answer(query) else { return nil }
        let known = Self.memory(answer)
        let found = devices.map { known[$0.description] }
        return found.contains(nil) ? nil : found.compactMap { $0 }.max()
    }

    // MARK: Asking

    private func answer(_ arguments: [String]) throws -> String? {
        let asked = "nvidia-smi \(arguments.joined(separator: " "))"
        let folders = (environment["PATH"] ?? "").split(separator: ":").map(String.init)
        guard let tool = folders.map({ $0 + "/nvidia-smi" }).first(where: FileStatus.isExecutable) else {
            guard try FileStatus.of(driver) != nil else { return nil }
            throw unknown("the NVIDIA driver is loaded, and nvidia-smi is not in PATH")
        }
        let output = try OpenFile.pipe()
        var options = SpawnOptions(executable: tool, arguments: arguments, environment: environment)
        options.output = .file(output.writing)
        options.error = .file(output.writing)
        let child = try ChildProcess.spawn(options)
        output.writing.close()
        guard let end = try end(of: child) else { throw unknown("\(asked) does not end") }
        var text: [UInt8] = []
        while case let part = try output.reading.read(upTo: 1 << 16), !part.isEmpty { text += part }
        let listing = String(decoding: text, as: UTF8.self)
        switch end {
        case .exited(0): return listing
        case .exited(Self.noDevice): return nil
        case .exited, .signaled:
            let last = listing.split(whereSeparator: \.isNewline).last.map { ": \($0)" } ?? ""
            throw unknown("\(asked) \(end)\(last)")
        }
    }

    private func end(of child: ChildProcess) throws -> ProcessEnd? {
        let watch = ChangeWatch(folders: [])
        let deadline = MonotonicClock.now + patience
        while MonotonicClock.now < deadline {
            if let end = try child.poll() { return end }
            watch.wait(timeout: .seconds(1), child: child)
        }
        child.signal(ProcessGroup.Signal.kill)
        return nil
    }

    private func unknown(_ reason: String) -> RunsError {
        RunsError(
            .device,
            "cannot tell this machine's GPUs: \(reason); repair that, or set \(Self.visible) to nothing "
                + "to use the CPU"
        )
    }
}

// MARK: - What the answer means

extension DeviceSurvey {
    /// The devices of each GPU of a listing by `nvidia-smi -L`: itself, or where it is cut into slices, those.
    static func parse(_ listing: String) -> [[String]] {
        var gpus: [[String]] = []
        for line in listing.split(whereSeparator: \.isNewline) {
            guard let start = line.firstRange(of: "(UUID: ")?.upperBound, line.last == ")" else { continue }
            let id = String(line[start...].dropLast())
            if line.hasPrefix("GPU ") {
                gpus.append([id])
            } else if let gpu = gpus.popLast() {
                gpus.append(gpu.filter { !$0.hasPrefix("GPU-") } + [id])
            }
        }
        return gpus
    }

    /// The bytes of memory of each GPU, by its UUID, of an answer in lines such as `GPU-aa11, 81559`, in MiB.
    static func memory(_ answer: String) -> [String: Int] {
        answer.split(whereSeparator: \.isNewline).reduce(into: [:]) { memory, line in
            let parts = line.split(separator: ",").map { $0.filter { !$0.isWhitespace } }
            guard parts.count == 2, let mebibytes = Int(parts[1]), mebibytes > 0 else { return }
            memory[parts[0]] = mebibytes << 20
        }
    }

    /// Those of the GPUs' devices that a value of `CUDA_VISIBLE_DEVICES` names: by their numbers in the listing, or by
    /// how their UUIDs begin.
    static func choose(_ gpus: [[String]], visible: String?) throws(RunsError) -> [String] {
        guard let visible, !gpus.isEmpty else { return gpus.flatMap { $0 } }
        var chosen: [String] = []
        for name in visible.split(separator: ",").map({ $0.filter { !$0.isWhitespace } }) {
            let named = Int(name).map { gpus.indices.contains($0) ? gpus[$0] : [] }
            let found = named ?? gpus.flatMap { $0 }.filter { $0.hasPrefix(name) }
            guard !found.isEmpty else {
                throw RunsError(.device, "\(Self.visible) names \(name), which nvidia-smi -L does not list")
            }
            chosen += found.filter { !chosen.contains($0) }
        }
        return chosen
    }

    private static func isNone(_ visible: String) -> Bool {
        ["", "-1", "none", "void", "NoDevFiles"].contains(visible.filter { !$0.isWhitespace })
    }
}
