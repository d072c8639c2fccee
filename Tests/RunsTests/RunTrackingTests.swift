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

@Suite("Tracking a run")
struct RunTrackingTests {
    let scratch: ScratchFolder
    let folder: RunFolder
    private let told = Told()

    private final class Told {
        var lines: [String] = []
    }

    init() throws {
        scratch = try ScratchFolder()
        folder = RunFolder(path: scratch.path("run"))
        try folder.make()
        try scratch.write("{\"event\":\"step\",\"step\":1}\n", to: "run/events.jsonl")
    }

    private func tracking(_ trackers: String..., how: String = "", grace: Duration = .seconds(30)) -> RunTracking {
        let environment = QuickTrainer.environment(scratch, adding: ["FTOPS_QUICK_TRACK": how])
        let launcher = TrainerLauncher(path: QuickTrainer.launch, environment: environment)
        return RunTracking(folder, by: trackers, launcher: launcher, grace: grace) { told.lines.append($0) }
    }

    private func start(_ tracking: RunTracking) {
        let place = "/state/tracking"
        tracking.start(.init(model: "acme/greeter", fineTunes: ["greeter"], commit: "c0ffee", folder: place))
    }

    private var log: [String] { scratch.lines("quick.log") }

    /// Waits until so many of the followers run.
    private func waits(for count: Int) -> Bool {
        Eventually.holds(watching: [scratch.path]) { log.count { $0.hasPrefix("tracking ") } == count }
    }

    @Test("starts nothing, and leaves no file, where no tracker is asked for")
    func none() {
        let tracking = tracking()
        start(tracking)
        tracking.look()
        tracking.finish()
        #expect(log.isEmpty && !FileStatus.isFile(folder.tracking))
        #expect(told.lines.isEmpty)
    }

    @Test("has a process for each tracker, which goes on until no more events come")
    func follows() throws {
        let tracking = tracking("tensorboard", "mlflow")
        start(tracking)
        #expect(waits(for: 2))
        start(tracking)
        tracking.look()
        try OpenFile(folder.events, .append).write(Array("{\"event\":\"step\",\"step\":2}\n".utf8))
        tracking.finish()
        let tracked = log.filter { $0.hasPrefix("tracked") }.sorted()
        #expect(tracked == ["mlflow", "tensorboard"].map { "tracked \($0) 2 acme/greeter /state/tracking" })
        #expect(log.count == 4 && told.lines.isEmpty)
    }

    @Test("ends with the process that holds it, however that ends")
    func left() {
        var tracking: RunTracking? = tracking("mlflow")
        tracking.map(start)
        #expect(waits(for: 1))
        tracking = nil
        #expect(Eventually.holds(watching: [scratch.path]) { log.count { $0.hasPrefix("tracked") } == 1 })
    }

    @Test(
        "tells once of a tracker that fails, and leaves the others alone",
        arguments: [("fail", "exited with 1; it is tried again"), ("unknown", "is nothing that this trainer knows")]
    )
    func fails(how: String, words: String) {
        let tracking = tracking("wandb", "mlflow", how: "wandb:\(how)")
        start(tracking)
        #expect(waits(for: 1))
        #expect(
            Eventually.holds {
                tracking.look()
                return !told.lines.isEmpty
            }
        )
        tracking.look()
        tracking.finish()
        #expect(told.lines.count == 1 && told.lines[0].hasPrefix("tracking by wandb \(words)"), "\(told.lines)")
        #expect(folder.notices() == told.lines)
        #expect(scratch.read("run/tracking-wandb.log").map { $0.contains(how == "fail" ? "nobody" : "usage") } == true)
        #expect(log.contains { $0.hasPrefix("tracked mlflow 1") })
    }

    @Test("kills one that does not end")
    func hangs() throws {
        let tracking = tracking("wandb", how: "wandb:hang", grace: .milliseconds(100))
        start(tracking)
        #expect(waits(for: 1))
        let pid = try #require(log.first?.split(separator: " ").last.flatMap { Int32($0) })
        tracking.finish()
        #expect(told.lines.count == 1 && told.lines[0].contains("was not done 0 seconds after"), "\(told.lines)")
        #expect(ProcessIdentity.of(pid) == nil)
    }
}
