//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Foundation
import FtopsTestSupport
import Testing

@Suite("Sweeps, and rows that a fine-tune takes fewer of")
struct SweepTests {
    private func scenario(_ change: (String) -> String) throws -> Scenario {
        let scenario = try Scenario()
        try scenario.writeManifests()
        try scenario.write(change(Scenario.manifest()), at: "manifests/greeter.yaml")
        try scenario.commit("Describe the greeter")
        return scenario
    }

    private func sweeping(_ sweep: String) -> (String) -> String {
        { $0.replacingOccurrences(of: "  destination: acme", with: "  sweep: \(sweep)\n  destination: acme") }
    }

    @Test("a sweep trains each of its points for one model, and compares them in one report")
    func trains() throws {
        let scenario = try scenario(sweeping("{learning_rate: [1e-4, 0.0002], lora_rank: [8, 16]}"))
        let plan = try scenario.ftops("plan")
        #expect(plan.output.contains("Plan: 4 to train"), "\(plan.transcript)")
        #expect(plan.output.contains("greeter[learning_rate=1e-4,lora_rank=16]"), "\(plan.transcript)")
        let one = try scenario.ftops("apply", "--auto-approve", "--target", "greeter[learning_rate=2e-4,lora_rank=8]")
        #expect(one.status == 0, "\(one.transcript)")
        #expect(try scenario.completedTrainings() == 1)
        let first = try scenario.read("versions/acme/greeter/sweeps/greeter.md")
        #expect(first.split(separator: "\n").count { $0.hasPrefix("| ") } == 3, "\(first)")
        let all = try scenario.ftops("apply", "--auto-approve", "--target", "greeter")
        #expect(all.status == 0, "\(all.transcript)")
        #expect(try scenario.completedTrainings() == 4)
        let report = try scenario.read("versions/acme/greeter/sweeps/greeter.md")
        #expect(report.split(separator: "\n").count { $0.hasPrefix("| ") } == 6, "\(report)")
        #expect(report.contains("Best by validation loss"), "\(report)")
        #expect(try scenario.ftops("plan", "--detailed-exitcode").status == 0)
        #expect(try scenario.git("status", "--porcelain").isEmpty)
    }

    @Test("no name is cut or broken where output goes into a pipe")
    func longNames() throws {
        let name = "a-greeter-with-a-name-that-is-rather-long[learning_rate=1e-4,lora_alpha=32,lora_rank=8]"
        let scenario = try scenario { manifest in
            sweeping("{learning_rate: [1e-4], lora_alpha: [32], lora_rank: [8]}")(manifest)
                .replacingOccurrences(of: "name: greeter}", with: "name: \(name.prefix { $0 != "[" })}")
        }
        for command in [["plan"], ["why", name], ["apply", "--auto-approve"], ["status", "--all"], ["versions"]] {
            let finished = try scenario.start(Scenario.executable.path, command).wait()
            #expect(finished.status == 0 && finished.output.contains(name), "\(finished.transcript)")
        }
    }

    @Test("what is swept stands in place of what is set, and the profile's stands for the rest")
    func overrides() throws {
        let scenario = try scenario { manifest in
            sweeping("{max_steps: [4, 5]}")(manifest)
        }
        let plan = try scenario.ftops("plan")
        #expect(plan.output.contains("max_steps  4") && plan.output.contains("max_steps  5"), "\(plan.transcript)")
        #expect(!plan.output.contains("max_steps  6"), "\(plan.transcript)")
    }

    @Test("the order in which a sweep is written changes nothing")
    func order() throws {
        let scenario = try scenario(sweeping("{learning_rate: [1e-4, 2e-4], lora_rank: [8, 16]}"))
        #expect(try scenario.ftops("apply", "--auto-approve").status == 0)
        let other = sweeping("{lora_r: [16, 8], learning_rate: [0.0002, 0.0001]}")(Scenario.manifest())
        try scenario.write(other, at: "manifests/greeter.yaml")
        let plan = try scenario.ftops("plan", "--detailed-exitcode")
        #expect(plan.status == 0 && plan.output.contains("all 4 fine-tunes are up-to-date"), "\(plan.transcript)")
    }

    @Test("a sweep goes over bases and limits too, and another fine-tune goes on from one of its points")
    func basesAndLimits() throws {
        let extra = """
            ---
            apiVersion: ftops/v1
            kind: BaseModel
            metadata: {name: second}
            spec: {node: {python: quick-base==2.0.0}}
            ---
            apiVersion: ftops/v1
            kind: FineTune
            metadata: {name: porter}
            spec:
              base: greeter[base=second,limit=12]
              dataset: {use: greetings, limit: 10}
              template: greet
              hyperparameters: {max_steps: 4}
              destination: porter
            """
        let scenario = try scenario { _ in
            sweeping("{base: [quick, second], limit: [12, 16]}")(Scenario.manifest(extra: extra))
                .replacingOccurrences(of: "  base: quick\n", with: "")
        }
        let plan = try scenario.ftops("plan", "--target", "porter")
        #expect(plan.output.contains("Plan: 2 to train"), "\(plan.transcript)")
        #expect(plan.output.contains("8 + 4 validation"), "\(plan.transcript)")
        #expect(plan.output.contains("6 + 4 validation"), "\(plan.transcript)")
        #expect(try scenario.ftops("plan").output.contains("Plan: 5 to train"))
        let rows = try scenario.ftops("data", "render", "greeter")
        #expect(rows.output.split(separator: "\n").count == 8, "\(rows.transcript)")
        let apply = try scenario.ftops("apply", "--auto-approve", "--target", "porter")
        #expect(apply.status == 0, "\(apply.transcript)")
        #expect(try scenario.completedTrainings() == 2)
    }

    @Test("a fine-tune's limit is the smaller of its own and the dataset's, whoever says it")
    func limits() throws {
        func fingerprint(dataset: Int?, own: Int?) throws -> String {
            let scenario = try scenario { manifest in
                manifest
                    .replacingOccurrences(
                        of: "  validation: {rows",
                        with: (dataset.map { "  limit: \($0)\n" } ?? "") + "  validation: {rows"
                    )
                    .replacingOccurrences(
                        of: "  dataset: greetings",
                        with: "  dataset: {use: greetings\(own.map { ", limit: \($0)" } ?? "")}"
                    )
            }
            let plan = try scenario.ftops("plan", "--json")
            let match = plan.output.firstMatch(of: #/"fingerprint": "(v1-[0-9a-f]{64})"/#)
            return String(try #require(match, "\(plan.transcript)").1)
        }
        let twelve = try fingerprint(dataset: 12, own: nil)
        #expect(try fingerprint(dataset: nil, own: 12) == twelve)
        #expect(try fingerprint(dataset: 12, own: 15) == twelve)
        #expect(try fingerprint(dataset: 15, own: 12) == twelve)
        #expect(try fingerprint(dataset: nil, own: nil) != twelve)
    }

    @Test("a target that means no point is told what there is")
    func unknownPoint() throws {
        let scenario = try scenario(sweeping("{lora_rank: [8, 16]}"))
        let plan = try scenario.ftops("plan", "--target", "greeter[lora_rank=17]")
        #expect(plan.status == 1 && plan.errors.contains("did you mean greeter[lora_rank=1"), "\(plan.transcript)")
    }
}
