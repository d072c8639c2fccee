//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Foundation
import FtopsTestSupport
import Testing

@Suite("Trackers")
struct TrackingTests {
    private static func project(_ trackers: String) -> String {
        """
        ---
        apiVersion: ftops/v1
        kind: Project
        metadata: {name: acme}
        spec: {tracking: \(trackers)}
        """
    }

    private func write(_ trackers: String, _ scenario: Scenario) throws {
        try scenario.write(Scenario.manifest(extra: Self.project(trackers)), at: "manifests/greeter.yaml")
        try scenario.commit("Say where figures go")
    }

    private func scenario(_ trackers: String, _ scenario: Scenario) throws -> Scenario {
        try scenario.writeManifests()
        try write(trackers, scenario)
        return scenario
    }

    private func tracked(_ scenario: Scenario) throws -> [String] {
        try scenario.quickLog().filter { $0.hasPrefix("track") && !$0.hasPrefix("tracking") }.map(String.init).sorted()
    }

    @Test("get all steps of a training that the Project names them for, and are no part of what is trained")
    func named() throws {
        let scenario = try scenario("[wandb, tensorboard]", Scenario())
        let apply = try scenario.ftops("apply", "--auto-approve")
        #expect(apply.status == 0 && !apply.errors.contains("tracking"), "\(apply.transcript)")
        let place = scenario.folder.appending(path: "state/tracking").path
        #expect(try tracked(scenario) == ["tensorboard", "wandb"].map { "tracked \($0) 6 acme/greeter \(place)" })
        try write("[mlflow]", scenario)
        #expect(try scenario.ftops("plan", "--detailed-exitcode").status == 0)
    }

    @Test(
        "have the figures of our own trainer when apply ends",
        .enabled(if: Scenario.hasRealTrainer && Scenario.hasTrackers, "make setup makes the trainer's environment")
    )
    func real() throws {
        let scenario = try Scenario()
        try scenario.describeTiny(hyperparameters: "{max_steps: 3}")
        let manifest = try scenario.read("manifests/greeter.yaml")
        try scenario.write(manifest + Self.project("[tensorboard, wandb, mlflow]"), at: "manifests/greeter.yaml")
        try scenario.commit("Say where figures go")
        scenario.environment.merge(["WANDB_MODE": "offline", "FTOPS_TRACKING_SECONDS": "300"]) { $1 }
        let apply = try scenario.ftops("apply", "--auto-approve")
        #expect(apply.status == 0 && !apply.errors.contains("tracking by"), "\(apply.transcript)")
        let run = try #require(try scenario.runFolders().first).lastPathComponent
        let place = scenario.folder.appending(path: "state/tracking").path
        let files = try FileManager.default.subpathsOfDirectory(atPath: place)
        #expect(files.contains { $0.hasPrefix("tensorboard/acme/greeter/\(run)/events.out.tfevents.") }, "\(files)")
        #expect(files.contains { $0.hasSuffix("/run-\(run).wandb") } && files.contains("mlflow.db"), "\(files)")
    }

    @Test("are nobody where none is named")
    func off() throws {
        let scenario = try Scenario.trained()
        #expect(try scenario.quickLog().allSatisfy { !$0.hasPrefix("track") })
        let run = try #require(try scenario.runFolders().first)
        #expect(try FileManager.default.contentsOfDirectory(atPath: run.path).allSatisfy { !$0.contains("track") })
    }

    @Test("that fail keep no version from being published, and are told once")
    func failing() throws {
        let scenario = try scenario("[wandb, mlflow]", Scenario())
        scenario.environment["FTOPS_QUICK_TRACK"] = "wandb:fail"
        scenario.environment["FTOPS_QUICK_STEP_SECONDS"] = "0.2"
        let apply = try scenario.ftops("apply", "--auto-approve")
        #expect(apply.status == 0, "\(apply.transcript)")
        let told = apply.errors.split(separator: "\n").filter { $0.contains("tracking by wandb exited with 1") }
        #expect(told.count == 1 && apply.errors.contains("tracking-wandb.log"), "\(apply.transcript)")
        #expect(try tracked(scenario).count == 1)
        #expect(try scenario.versions().contains { $0.hasSuffix(".yaml") })
    }

    @Test("that were named while a run was paused follow it when it goes on, from its first step")
    func changed() throws {
        let scenario = try scenario("[]", Scenario.gated(from: 3))
        let steps = [(after: "2/6", keys: "\u{3}"), (after: "leave it running (Enter)? ", keys: "p\n")]
        let apply = try scenario.startFtops("apply", "--auto-approve", typing: steps).wait()
        #expect(apply.status == 130, "\(apply.transcript)")
        try write("[mlflow]", scenario)
        try scenario.openGate()
        let again = try scenario.ftops("apply", "--auto-approve")
        #expect(again.status == 0, "\(again.transcript)")
        #expect(try tracked(scenario).map { $0.hasPrefix("tracked mlflow 6 ") } == [true])
    }
}
