//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Foundation
import FtopsTestSupport
import Testing

@Suite("Applying several fine-tunes")
struct SeveralTests {
    @Test("that publish to one model makes its versions 1, 2 and 3")
    func oneModel() throws {
        let scenario = try Scenario.several([
            .init("a", rank: 4), .init("b", rank: 8), .init("c", rank: 16),
        ])
        let apply = try scenario.ftops("apply", "--auto-approve")
        #expect(apply.status == 0, "\(apply.transcript)")
        #expect(apply.output.contains("Applied: 3 done"), "\(apply.transcript)")
        #expect(try scenario.completedTrainings() == 3)
        #expect(try scenario.versionNames() == ["acme/model/1", "acme/model/2", "acme/model/3"])
        let readme = try scenario.read("versions/acme/model/README.md")
        for name in ["a", "b", "c"] { #expect(readme.contains("| \(name) |"), "\(readme)") }
        #expect(try scenario.git("status", "--porcelain") == "")
        #expect(try scenario.ftops("plan", "--detailed-exitcode").status == 0)
        #expect(try scenario.ftops("apply", "--auto-approve").output.contains("Nothing to do"))
    }

    @Test("of which one fails goes on with the others, and exits with 1")
    func oneFails() throws {
        let scenario = try Scenario.several([
            .init("a", rank: 4), .init("b", rank: 8), .init("c", rank: 16),
        ])
        let failing = ["FTOPS_QUICK_FAIL": "diverged:the loss is not a number", "FTOPS_QUICK_FAIL_RANK": "8"]
        let apply = try scenario.ftops("apply", "--auto-approve", environment: failing)
        #expect(apply.status == 1, "\(apply.transcript)")
        #expect(apply.output.contains("Applied: 2 done, 1 failed"), "\(apply.transcript)")
        #expect(try scenario.versionNames() == ["acme/model/1", "acme/model/2"])
        let again = try scenario.ftops("apply", "--auto-approve")
        #expect(again.status == 1 && again.output.contains("Applied: 1 failed"), "\(again.transcript)")
        let retried = try scenario.ftops("apply", "--auto-approve", "--retry-failed")
        #expect(retried.status == 0, "\(retried.transcript)")
        #expect(try scenario.completedTrainings() == 3)
        #expect(try scenario.versionNames().count == 3)
    }

    @Test("of which one is blocked trains the others and exits with 10, but with 1 where one fails")
    func oneBlocked() throws {
        let scenario = try Scenario.several([.init("a", rank: 4), .init("b", rank: 8)])
        let digits = String(repeating: "a", count: 64)
        let far = """
            ---
            apiVersion: ftops/v1
            kind: BaseModel
            metadata: {name: far}
            spec: {replicate: {version: acme/base:\(digits)}}

            """
        let blocked = Scenario.Tune("c", rank: 16).manifest.replacingOccurrences(of: "base: quick", with: "base: far")
        try scenario.write(try scenario.read("manifests/greeter.yaml") + far + blocked, at: "manifests/greeter.yaml")
        try scenario.commit("Ask for a base that the node cannot have")
        let failing = ["FTOPS_QUICK_FAIL": "diverged:the loss is not a number", "FTOPS_QUICK_FAIL_RANK": "8"]
        let apply = try scenario.ftops("apply", "--auto-approve", environment: failing)
        #expect(apply.status == 1, "\(apply.transcript)")
        #expect(apply.output.contains("Applied: 1 done, 1 failed, 1 skipped"), "\(apply.transcript)")
        let retried = try scenario.ftops("apply", "--auto-approve", "--retry-failed")
        #expect(retried.status == 10, "\(retried.transcript)")
        #expect(try scenario.versionNames() == ["acme/model/1", "acme/model/2"])
    }

    @Test("of which one cannot be judged anew goes on with the others, and exits with 1")
    func oneStumbles() throws {
        let scenario = try Scenario.several([.init("a", rank: 4)])
        #expect(try scenario.ftops("apply", "--auto-approve").status == 0)
        try FileManager.default.removeItem(at: scenario.folder.appending(path: "state/artifacts"))
        try scenario.writeFineTunes([.init("a", rank: 4, prompt: "Anna"), .init("b", rank: 8)])
        try scenario.commit("Ask something else, and add another")
        let apply = try scenario.ftops("apply", "--auto-approve")
        #expect(apply.status == 1, "\(apply.transcript)")
        #expect(apply.output.contains("Applied: 1 done, 1 failed"), "\(apply.transcript)")
        #expect(try scenario.versionNames() == ["acme/model/1", "acme/model/2"])
    }

    @Test("of one fingerprint and two destinations trains once and publishes twice")
    func twoDestinations() throws {
        let scenario = try Scenario.several([.init("a", rank: 4, model: "one"), .init("b", rank: 4, model: "two")])
        let plan = try scenario.ftops("plan")
        #expect(plan.output.contains("+ create") && plan.output.contains("= reuse"), "\(plan.transcript)")
        let apply = try scenario.ftops("apply", "--auto-approve")
        #expect(apply.status == 0, "\(apply.transcript)")
        #expect(try scenario.completedTrainings() == 1)
        #expect(try scenario.versionNames() == ["acme/one/1", "acme/two/1"])
        #expect(try scenario.ftops("plan", "--detailed-exitcode").status == 0)
    }

    @Test("of one fingerprint and two destinations, killed on the way, is finished for both by the next")
    func twoDestinationsKilled() throws {
        let scenario = try Scenario.several([.init("a", rank: 4, model: "one"), .init("b", rank: 4, model: "two")])
        scenario.environment["FTOPS_QUICK_STEP_SECONDS"] = "0.1"
        let apply = try scenario.startFtops("apply", "--auto-approve")
        #expect(try scenario.waits { try scenario.quickLog().contains { $0.contains("started") } })
        apply.kill()
        _ = apply.wait()
        let again = try scenario.ftops("apply", "--auto-approve")
        #expect(again.status == 0, "\(again.transcript)")
        #expect(try scenario.completedTrainings() == 1)
        #expect(try scenario.versionNames() == ["acme/one/1", "acme/two/1"])
    }

    @Test("of one fingerprint whose training fails publishes neither, and trying again publishes both")
    func twoDestinationsFail() throws {
        let scenario = try Scenario.several([.init("a", rank: 4, model: "one"), .init("b", rank: 4, model: "two")])
        let failing = ["FTOPS_QUICK_FAIL": "diverged:the loss is not a number"]
        let apply = try scenario.ftops("apply", "--auto-approve", environment: failing)
        #expect(apply.status == 1, "\(apply.transcript)")
        #expect(apply.output.contains("Applied: 1 failed, 1 skipped"), "\(apply.transcript)")
        let retried = try scenario.ftops("apply", "--auto-approve", "--retry-failed")
        #expect(retried.status == 0, "\(retried.transcript)")
        #expect(try scenario.completedTrainings() == 1)
        #expect(try scenario.versionNames() == ["acme/one/1", "acme/two/1"])
    }

    @Test("of one fingerprint and one destination makes one version that names both, and warns")
    func sameTraining() throws {
        let scenario = try Scenario.several([.init("a", rank: 4), .init("b", rank: 4)])
        let apply = try scenario.ftops("apply", "--auto-approve")
        #expect(apply.status == 0, "\(apply.transcript)")
        #expect((apply.output + apply.errors).contains("a, b ask for the same training"), "\(apply.transcript)")
        #expect(try scenario.completedTrainings() == 1)
        #expect(try scenario.versionNames() == ["acme/model/1"])
        let record = try scenario.read(try #require(scenario.versions().first))
        #expect(record.contains("fineTunes:\n  - a\n  - b\n"), "\(record)")
    }

    @Test("claims at once what can start within the hour by the estimates, and the rest when its turn comes")
    func claimHorizon() throws {
        let tunes = ["a", "b", "c", "d"].enumerated().map { Scenario.Tune($1, rank: 4 + $0) }
        let scenario = try Scenario.several(tunes, tokensPerSecond: 0.5)
        let plan = try scenario.ftops("plan")
        let apply = try scenario.ftops("apply", "--auto-approve")
        #expect(apply.status == 0, "\(apply.transcript)")
        let claims = try scenario.ledgerMessages().filter { $0.hasPrefix("claim") }
        // Each is expected to take some forty minutes.
        #expect(claims == ["claim a, b", "claim c", "claim d"], "\(plan.transcript)")
        #expect(try scenario.completedTrainings() == 4)
    }

    @Test("that was killed on the way is gone on with by the next, and nothing is trained twice")
    func killed() throws {
        let scenario = try Scenario.several(
            [
                .init("a", rank: 4), .init("b", rank: 8), .init("c", rank: 16),
            ],
            tokensPerSecond: 1000
        )
        scenario.environment["FTOPS_QUICK_STEP_SECONDS"] = "0.1"
        let apply = try scenario.startFtops("apply", "--auto-approve")
        #expect(try scenario.waits { try scenario.quickLog().count { $0.contains("started") } == 2 })
        apply.kill()
        _ = apply.wait()
        let again = try scenario.ftops("apply", "--auto-approve")
        #expect(again.status == 0, "\(again.transcript)")
        #expect(try scenario.quickLog().count { $0.contains("started") } == 3)
        #expect(try scenario.completedTrainings() == 3)
        #expect(try scenario.versionNames().count == 3)
    }

    @Test("twice at once trains each once")
    func twoAtOnce() throws {
        let scenario = try Scenario.several([
            .init("a", rank: 4), .init("b", rank: 8), .init("c", rank: 16, model: "other"),
        ])
        try scenario.addOrigin()
        let both = try (1...2).map { _ in try scenario.startFtops("apply", "--auto-approve") }
        let ended = both.map { $0.wait() }
        #expect(ended.map(\.status) == [0, 0], "\(ended.map(\.transcript))")
        #expect(try scenario.quickLog().count { $0.contains("started") } == 3)
        #expect(try scenario.completedTrainings() == 3)
        #expect(try scenario.versionNames() == ["acme/model/1", "acme/model/2", "acme/other/1"])
    }

    @Test("with a target leaves alone what another apply on this machine has claimed for the others")
    func targets() throws {
        let scenario = try Scenario.several(
            [.init("a", rank: 4), .init("b", rank: 8), .init("c", rank: 16)],
            tokensPerSecond: 1000
        )
        scenario.environment["FTOPS_QUICK_STEP_SECONDS"] = "0.1"
        let all = try scenario.startFtops("apply", "--auto-approve")
        #expect(try scenario.waits { try scenario.quickLog().contains { $0.contains("started") } })
        let one = try scenario.ftops("apply", "--auto-approve", "--target", "a")
        #expect(one.status == 0 && one.output.contains("Applied: 1 done"), "\(one.transcript)")
        let ended = all.wait()
        #expect(ended.status == 0 && ended.output.contains("Applied: 3 done"), "\(ended.transcript)")
        #expect(try scenario.ledgerMessages().allSatisfy { !$0.hasPrefix("give up") })
        #expect(try scenario.completedTrainings() == 3)
    }

    @Test("goes on with what was started for a fine-tune that is gone, and in the end gives up what was claimed")
    func leftovers() throws {
        let scenario = try Scenario.several([.init("a", rank: 4), .init("b", rank: 8)], tokensPerSecond: 1000)
        let slow = ["FTOPS_QUICK_STEP_SECONDS": "0.2"]
        let apply = try scenario.startFtops("apply", "--auto-approve", environment: slow)
        #expect(try scenario.waits { try scenario.quickLog().contains { $0.contains("started") } })
        apply.kill()
        scenario.kill(role: "supervisor")
        _ = apply.wait()
        try scenario.writeFineTunes([.init("c", rank: 16)])
        try scenario.commit("Ask for something else")
        let again = try scenario.ftops("apply", "--auto-approve")
        #expect(again.status == 0, "\(again.transcript)")
        // Until its lease is over, an apply in another clone may be about to start it.
        #expect(try scenario.ledgerMessages().allSatisfy { !$0.hasPrefix("give up") })
        let later = try scenario.ftops("apply", "--auto-approve", environment: ["FTOPS_CLOCK_OFFSET": "900"])
        #expect(later.status == 0, "\(later.transcript)")
        #expect(try scenario.ledgerMessages().count { $0.hasPrefix("give up") } == 1)
        #expect(try scenario.waits { try scenario.versionNames().count == 2 })
        #expect(try scenario.completedTrainings() == 2)
    }

    @Test("of which one's version cannot be committed goes on with the others, now and later")
    func oneInTheWay() throws {
        let scenario = try Scenario.several([.init("a", rank: 4, model: "one"), .init("b", rank: 8, model: "two")])
        try scenario.write("mine\n", at: "versions/acme/one/README.md")
        let apply = try scenario.ftops("apply", "--auto-approve")
        #expect(apply.output.contains("2 done"), "\(apply.transcript)")
        #expect(try scenario.versionNames() == ["acme/two/1"])
        try scenario.writeFineTunes([.init("c", rank: 16, model: "three")])
        try scenario.git("add", "manifests")
        try scenario.git("commit", "--quiet", "--message", "Ask for something else")
        let later = try scenario.ftops("apply", "--auto-approve")
        #expect(later.status == 0, "\(later.transcript)")
        #expect(later.errors.contains("versions/acme/one/README.md"), "\(later.transcript)")
        #expect(try scenario.versionNames() == ["acme/three/1", "acme/two/1"])
    }
}

extension Scenario {
    /// A fine-tune of `several`.
    struct Tune {
        let name: String
        let rank: Int
        let model: String
        let prompt: String

        init(_ name: String, rank: Int, model: String = "model", prompt: String = "Ann") {
            self.name = name
            self.rank = rank
            self.model = model
            self.prompt = prompt
        }

        var manifest: String {
            """
            ---
            apiVersion: ftops/v1
            kind: FineTune
            metadata: {name: \(name)}
            spec:
              base: quick
              dataset: greetings
              template: greet
              hyperparameters: {max_steps: 6, lora_rank: \(rank)}
              destination: acme/\(model)
              evaluation:
                prompts: [{name: \(prompt), greeting: "Welcome!"}]
                metrics: [loss]

            """
        }
    }

    /// A repository of several fine-tunes, committed.
    static func several(_ tunes: [Tune], tokensPerSecond: Double? = nil) throws -> Scenario {
        let scenario = try Scenario()
        try scenario.writeManifests()
        try scenario.writeFineTunes(tunes, tokensPerSecond: tokensPerSecond)
        try scenario.commit("Describe several fine-tunes")
        return scenario
    }

    /// Writes the manifests of `several` anew.
    func writeFineTunes(_ tunes: [Tune], tokensPerSecond: Double? = nil) throws {
        let shared = Scenario.manifest().components(separatedBy: "---\n").dropLast().joined(separator: "---\n")
        let hardware = tokensPerSecond.map { ", hardware: {name: slow, tokens_per_second: \($0)}" } ?? ""
        let described = shared.replacingOccurrences(of: "quick-base==1.0.0}", with: "quick-base==1.0.0\(hardware)}")
        try write(described + tunes.map(\.manifest).joined(), at: "manifests/greeter.yaml")
    }

    /// The versions of HEAD as `owner/model/number`, sorted.
    func versionNames() throws -> [String] {
        try versions().map { path in
            let parts = path.split(separator: "/")
            return "\(parts[1])/\(parts[2])/\(parts[3].prefix { $0 != "-" })"
        }.sorted()
    }

    /// What the ledger's steps say, oldest first.
    func ledgerMessages() throws -> [String] {
        try git("log", "--reverse", "--format=%s", "refs/ftops/ledger").split(separator: "\n").map(String.init)
    }
}
