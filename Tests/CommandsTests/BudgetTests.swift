//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Foundation
import FtopsTestSupport
import JSON
import Testing

@Suite("Policies and budgets through the command line")
struct BudgetTests {
    private static let head = "apiVersion: ftops/v1\nkind: Project\nmetadata: {name: acme}\nspec:\n"

    /// A repository whose greeter takes about two minutes at ten dollars an hour, with a Project.
    private func scenario(_ project: String, extra: String = "") throws -> Scenario {
        let scenario = try Scenario()
        try scenario.writeManifests()
        let manifest = Scenario.manifest(extra: extra)
            .replacingOccurrences(of: "  context: 1024\n", with: "  context: 1024\n  license: mit\n")
            .replacingOccurrences(
                of: "{python: quick-base==1.0.0}",
                with: "{python: quick-base==1.0.0, hardware: {tokens_per_second: 10}}"
            )
        try scenario.write(manifest, at: "manifests/greeter.yaml")
        try scenario.write(Self.head + project, at: "manifests/project.yaml")
        try scenario.commit("Describe the greeter and its limits")
        return scenario
    }

    @Test(
        "each blocks the plan at its line and ends apply as it should",
        arguments: [
            ("  policies: {bases: [llama-*]}\n", "policy", 10), ("  policies: {licenses: [gemma]}\n", "policy", 10),
            ("  policies: {validation: required}\n", "policy", 10), ("  policies: {pinned: required}\n", "policy", 10),
            ("  budget: {per_run: 0.01}\n  backends: {node: {price_per_gpu_hour: 10}}\n", "budget", 10),
            ("  budget: {per_run: 10}\n", "budget", 10),
            ("  budget: {per_month: 0.01}\n  backends: {node: {price_per_gpu_hour: 10}}\n", "budget", 10),
            ("  policies: {windows: [\"00:00-00:01 UTC\"]}\n", "window", 0),
        ] as [(String, String, Int32)]
    )
    func blocks(project: String, kind: String, status: Int32) throws {
        let scenario = try scenario(project)
        if project.contains("required") { try leaveLoose(scenario) }
        let noon = 86400 + 43200 - Int(Date().timeIntervalSince1970) % 86400
        scenario.environment["FTOPS_CLOCK_OFFSET"] = "\(noon)"
        let plan = try scenario.ftops("plan", "--detailed-exitcode")
        #expect(plan.status == 0 && plan.output.contains("x blocked (\(kind))  greeter"), "\(plan.transcript)")
        #expect(plan.output.contains("manifests/project.yaml:5"), "\(plan.transcript)")
        let json = try JSONParser.parse(try scenario.ftops("plan", "--json").output)
        let blocked = try #require(json["items"]?.array?.first?["blocked"], "\(json)")
        #expect(blocked["kind"]?.string == kind && blocked["line"] == 5 && blocked["reason"]?.string != "")
        #expect(blocked["file"] == "manifests/project.yaml")
        let apply = try scenario.ftops("apply", "--auto-approve")
        #expect(apply.status == status, "\(apply.transcript)")
        #expect(try scenario.completedTrainings() == 0)
    }

    /// Lets the greeter train from a folder, whose files no commit pins, and without validation.
    private func leaveLoose(_ scenario: Scenario) throws {
        let text = try scenario.read("manifests/greeter.yaml")
            .replacingOccurrences(of: "{python: quick-base==1.0.0,", with: "{path: base,")
            .replacingOccurrences(of: "  validation: {rows: 4, seed: 7}\n", with: "")
        try scenario.write(text, at: "manifests/greeter.yaml")
        try scenario.write("{}", at: "base/config.json")
        try scenario.write("weights", at: "base/model.safetensors")
        try scenario.commit("Train from a folder")
    }

    @Test("a fine-tune's own limit blocks at its line, and one that is kept lets it train")
    func ownLimit() throws {
        let scenario = try scenario("  backends: {node: {price_per_gpu_hour: 10}}\n")
        let text = try scenario.read("manifests/greeter.yaml")
        for (budget, word) in [
            ("{max_time: 1m}", "blocked"), ("{max_cost: 0.1}", "blocked"), ("{max_time: 1h}", "create"),
        ] {
            let limited = text.replacingOccurrences(
                of: "  destination: acme",
                with: "  budget: \(budget)\n  destination: acme"
            )
            try scenario.write(limited, at: "manifests/greeter.yaml")
            let plan = try scenario.ftops("plan")
            #expect(plan.output.contains(" \(word)"), "\(plan.transcript)")
            #expect(word == "create" || plan.output.contains("manifests/greeter.yaml:"), "\(plan.transcript)")
        }
    }

    @Test("two machines at once do not spend a month's budget twice")
    func twoMachines() throws {
        let porter = """
            ---
            apiVersion: ftops/v1
            kind: FineTune
            metadata: {name: porter}
            spec: {base: quick, dataset: greetings, template: greet, hyperparameters: {max_steps: 5}, destination: porter}
            """
        // Each costs about 0.32: there is room for one.
        let limits = "  budget: {per_month: 0.50}\n  backends: {node: {price_per_gpu_hour: 10}}\n"
        let scenario = try scenario(limits, extra: porter)
        try scenario.addOrigin()
        let clone = scenario.folder.appending(path: "other")
        try scenario.git("clone", "--quiet", scenario.origin.path, clone.path)
        let gate = scenario.folder.appending(path: "gate")
        let other = [
            "FTOPS_STATE": scenario.folder.appending(path: "other-state").path,
            "FTOPS_DEVICE_LOCKS": scenario.folder.appending(path: "other-devices").path,
            "FTOPS_QUICK_GATE": gate.path,
        ]
        let machines = [("greeter", scenario.repository, ["FTOPS_QUICK_GATE": gate.path]), ("porter", clone, other)]
        let running = try machines.map { name, folder, environment in
            try scenario.start(
                Scenario.executable.path,
                ["apply", "--auto-approve", "--target", name],
                in: folder,
                environment: environment
            )
        }
        // Whoever lost has ended; the other one waits at the gate.
        #expect(scenario.waits { running.count(where: \.isRunning) == 1 })
        #expect(try scenario.waits { try scenario.quickLog().contains { $0.contains("started") } })
        try Data().write(to: gate)
        let ended = running.map { $0.wait() }
        #expect(ended.map(\.status).sorted() == [0, 10], "\(ended.map(\.transcript))")
        #expect(try scenario.completedTrainings() == 1)
        let blocked = try #require(ended.first { $0.status == 10 })
        #expect(blocked.errors.contains("of the month's $0.50"), "\(blocked.transcript)")
    }
}
