//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Foundation
import FtopsTestSupport
import Testing

@Suite("Actions of a plan")
struct ActionTests {
    @Test("another destination reuses the version and trains nothing")
    func reuses() throws {
        let scenario = try Scenario.trained()
        try scenario.write(Scenario.manifest(destination: "acme/porter"), at: "manifests/greeter.yaml")
        try scenario.commit("Publish to another model")
        let plan = try scenario.ftops("plan", "--detailed-exitcode")
        #expect(plan.status == 2 && plan.output.contains("= reuse"), "\(plan.transcript)")
        let apply = try scenario.ftops("apply", "--auto-approve")
        #expect(apply.status == 0, "\(apply.transcript)")
        #expect(try scenario.completedTrainings() == 1)
        #expect(try scenario.versions().contains { $0.hasPrefix("versions/acme/porter/1-") })
    }

    @Test("a plan says what the steps of a dataset leave of its rows")
    func selects() throws {
        let scenario = try Scenario()
        try scenario.writeManifests()
        let source = "source: datasets/greetings.jsonl"
        let manifest = Scenario.manifest()
            .replacingOccurrences(of: source, with: source + "\n  filter: 'name != \"Guest 3\"'\n  limit: 12")
        try scenario.write(manifest, at: "manifests/greeter.yaml")
        let plan = try scenario.ftops("plan")
        let line = "selection  20 rows: 1 by filter and 7 beyond the limit left out; 12 left"
        #expect(plan.status == 0 && plan.output.contains(line), "\(plan.transcript)")
    }

    @Test("a changed evaluation judges the version again and trains nothing")
    func evaluates() throws {
        let scenario = try Scenario.trained()
        let manifest = Scenario.manifest().replacingOccurrences(of: "name: Ann", with: "name: Anna")
        try scenario.write(manifest, at: "manifests/greeter.yaml")
        try scenario.commit("Ask something else")
        let plan = try scenario.ftops("plan", "--detailed-exitcode")
        #expect(plan.status == 2 && plan.output.contains("? evaluate"), "\(plan.transcript)")
        let apply = try scenario.ftops("apply", "--auto-approve")
        #expect(apply.status == 0, "\(apply.transcript)")
        #expect(try scenario.completedTrainings() == 1)
        #expect(try scenario.versions().count == 1)
        #expect(try scenario.git("log", "--format=%s", "-1").hasPrefix("Evaluate acme/greeter 1 ("))
        #expect(try scenario.ftops("plan", "--detailed-exitcode").status == 0)
    }

    @Test("another end of answers is written into the version's record, and trains and asks nothing")
    func configures() throws {
        let scenario = try Scenario.trained()
        let manifest = Scenario.manifest().replacingOccurrences(of: #"stop: ["\n"]"#, with: #"stop: ["\n", "!"]"#)
        try scenario.write(manifest, at: "manifests/greeter.yaml")
        try scenario.commit("End answers at an exclamation mark too")
        let plan = try scenario.ftops("plan", "--detailed-exitcode")
        #expect(plan.status == 2 && plan.output.contains("* configure"), "\(plan.transcript)")
        let apply = try scenario.ftops("apply", "--auto-approve", environment: ["FTOPS_TRAINER": "/nowhere"])
        #expect(apply.status == 0, "\(apply.transcript)")
        #expect(try scenario.git("log", "--format=%s", "-1").hasPrefix("Configure acme/greeter 1 ("))
        #expect(try scenario.versions().count == 1)
        #expect(try scenario.ftops("plan", "--detailed-exitcode").status == 0)
    }

    @Test("a version that nothing asks for any more is told of, and apply has nothing to do")
    func orphans() throws {
        let scenario = try Scenario.trained()
        try scenario.git("rm", "--quiet", "manifests/greeter.yaml")
        try scenario.commit("Forget the greeter")
        let plan = try scenario.ftops("plan", "--detailed-exitcode")
        #expect(plan.status == 0 && plan.output.contains("- orphaned  greeter -> acme/greeter"), "\(plan.transcript)")
        let apply = try scenario.ftops("apply")
        #expect(apply.status == 0 && apply.output.contains("Nothing to do."), "\(apply.transcript)")
    }

    @Test("a version whose commits were lost comes back with its later evaluation, and without the trainer")
    func keepsEvaluation() throws {
        let scenario = try Scenario.trained()
        let described = try scenario.git("rev-parse", "HEAD~1")
        let manifest = Scenario.manifest().replacingOccurrences(of: "name: Ann", with: "name: Anna")
        try scenario.write(manifest, at: "manifests/greeter.yaml")
        try scenario.commit("Ask something else")
        #expect(try scenario.ftops("apply", "--auto-approve").status == 0)
        try scenario.git("reset", "--quiet", "--hard", described)
        try scenario.write(manifest, at: "manifests/greeter.yaml")
        try scenario.commit("Ask something else, on the branch as it was")
        #expect(try scenario.versions().isEmpty)
        let apply = try scenario.ftops("apply", "--auto-approve", environment: ["FTOPS_TRAINER": "/nowhere"])
        #expect(apply.status == 0, "\(apply.transcript)")
        #expect(try scenario.ftops("plan", "--detailed-exitcode").status == 0)
        #expect(try scenario.ftops("compare", "acme/greeter").output.contains("Greet Anna:"))
    }

    @Test("a version for another destination is judged by what is asked there, with the same apply")
    func evaluatesReused() throws {
        let scenario = try Scenario.trained()
        let manifest = Scenario.manifest(destination: "acme/porter")
        try scenario.write(
            manifest.replacingOccurrences(of: "name: Ann", with: "name: Anna"),
            at: "manifests/greeter.yaml"
        )
        try scenario.commit("Publish to another model, and ask something else")
        let apply = try scenario.ftops("apply", "--auto-approve")
        #expect(apply.status == 0, "\(apply.transcript)")
        let plan = try scenario.ftops("plan", "--detailed-exitcode")
        #expect(plan.status == 0, "\(plan.transcript)")
        #expect(try scenario.ftops("compare", "acme/porter").output.contains("Greet Anna:"))
    }

    @Test("a failed training stays failed until somebody says to try again")
    func retries() throws {
        let scenario = try Scenario()
        try scenario.writeManifests()
        try scenario.commit("Describe the greeter")
        let failing = ["FTOPS_QUICK_FAIL": "diverged:the loss is not a number"]
        let apply = try scenario.ftops("apply", "--auto-approve", environment: failing)
        #expect(apply.status == 1)
        #expect((apply.output + apply.errors).contains("diverged"), "\(apply.transcript)")
        let again = try scenario.ftops("apply", "--auto-approve")
        #expect(again.status == 1, "\(again.transcript)")
        #expect(try scenario.completedTrainings() == 0)
        let retried = try scenario.ftops("apply", "--auto-approve", "--retry-failed")
        #expect(retried.status == 0, "\(retried.transcript)")
        #expect(try scenario.completedTrainings() == 1)
    }

    @Test("a cancelled run ends, and is not trained again by itself")
    func cancels() throws {
        let scenario = try Scenario()
        try scenario.writeManifests()
        try scenario.commit("Describe the greeter")
        let slow = ["FTOPS_QUICK_STEP_SECONDS": "0.5", "FTOPS_QUICK_STEPS": "200"]
        let apply = try scenario.startFtops("apply", "--auto-approve", environment: slow)
        #expect(try scenario.waits { try scenario.quickLog().contains { $0.contains("started") } })
        #expect(try scenario.ftops("cancel", "greeter").status == 0)
        let ended = apply.wait()
        #expect(ended.status == 1, "\(ended.transcript)")
        #expect((ended.output + ended.errors).contains("cancelled"), "\(ended.transcript)")
        #expect(try scenario.completedTrainings() == 0)
    }

    @Test("a base without a source for the node is blocked, and apply exits with 10")
    func blocks() throws {
        let scenario = try Scenario()
        let digits = String(repeating: "a", count: 64)
        let manifest = Scenario.manifest().replacingOccurrences(
            of: "node: {python: quick-base==1.0.0}",
            with: "replicate: {version: acme/base:\(digits)}"
        )
        try scenario.writeManifests()
        try scenario.write(manifest, at: "manifests/greeter.yaml")
        try scenario.commit("Describe the greeter")
        #expect(try scenario.ftops("plan").output.contains("x blocked"))
        #expect(try scenario.ftops("apply", "--auto-approve").status == 10)
    }

    @Test("a lost ledger stops apply, and doctor makes it anew")
    func rebuilds() throws {
        let scenario = try Scenario.trained()
        try scenario.git("update-ref", "-d", "refs/ftops/ledger")
        let apply = try scenario.ftops("apply", "--auto-approve")
        #expect(apply.status == 1 && apply.errors.contains("ledger"), "\(apply.transcript)")
        let doctor = try scenario.ftops("doctor", "--fix")
        #expect(doctor.status == 0, "\(doctor.transcript)")
        #expect(try scenario.ftops("apply", "--auto-approve").status == 0)
        #expect(try scenario.completedTrainings() == 1)
    }

    @Test(
        "a signal to end, without a terminal, leaves the training running, and the next apply finds it",
        arguments: [(SIGTERM, 143), (SIGINT, 130)] as [(Int32, Int32)]
    )
    func leaves(signal: Int32, status: Int32) throws {
        let scenario = try Scenario()
        try scenario.writeManifests()
        try scenario.commit("Describe the greeter")
        let slow = ["FTOPS_QUICK_STEP_SECONDS": "0.2"]
        let apply = try scenario.startFtops("apply", "--auto-approve", environment: slow)
        #expect(try scenario.waits { try scenario.quickLog().contains { $0.contains("started") } })
        kill(apply.processID, signal)
        let left = apply.wait()
        #expect(left.status == status && left.errors.contains("goes on"), "\(left.transcript)")
        let again = try scenario.ftops("apply", "--auto-approve", environment: slow)
        #expect(again.status == 0, "\(again.transcript)")
        #expect(try scenario.completedTrainings() == 1)
        #expect(try scenario.quickLog().count { $0.contains("started") } == 1)
    }

    @Test("a base in a folder is known by its files")
    func knowsFolderBase() throws {
        let scenario = try Scenario()
        try scenario.writeManifests()
        let manifest = Scenario.manifest().replacingOccurrences(of: "{python: quick-base==1.0.0}", with: "{path: base}")
        try scenario.write(manifest, at: "manifests/greeter.yaml")
        try scenario.write("{}", at: "base/config.json")
        try scenario.write("weights", at: "base/model.safetensors")
        try scenario.commit("Describe the greeter")
        let apply = try scenario.ftops("apply", "--auto-approve")
        #expect(apply.status == 0, "\(apply.transcript)")
        #expect(try scenario.ftops("plan", "--detailed-exitcode").status == 0)
        for (file, old, new) in [
            ("model.safetensors", "weights", "WEIGHTS"), ("merges.txt", nil, "a b"), ("vocab.json", nil, "{}"),
            ("tokenizer.model", nil, "x"), ("config.json", "{}", "[]"),
        ] {
            try scenario.write(new, at: "base/\(file)")
            let plan = try scenario.ftops("plan", "--detailed-exitcode")
            #expect(plan.status == 2 && plan.output.contains("~ update"), "\(file): \(plan.transcript)")
            if let old {
                try scenario.write(old, at: "base/\(file)")
            } else {
                try FileManager.default.removeItem(at: scenario.repository.appending(path: "base/\(file)"))
            }
            #expect(try scenario.ftops("plan", "--detailed-exitcode").status == 0, "\(file)")
        }
        try scenario.write("notes", at: "base/README.md")
        #expect(try scenario.ftops("plan", "--detailed-exitcode").status == 0)
        try FileManager.default.removeItem(at: scenario.repository.appending(path: "base/model.safetensors"))
        let bare = try scenario.ftops("plan")
        #expect(bare.status == 1 && bare.errors.contains("put its files there"), "\(bare.transcript)")
    }

    @Test("an evaluation prompt that lacks a field is an error before anything is claimed")
    func checksPrompts() throws {
        let scenario = try Scenario()
        try scenario.writeManifests()
        let manifest = Scenario.manifest().replacingOccurrences(
            of: "{name: Ann, greeting:",
            with: "{nome: Ann, greeting:"
        )
        try scenario.write(manifest, at: "manifests/greeter.yaml")
        try scenario.commit("Describe the greeter")
        let plan = try scenario.ftops("plan")
        #expect(plan.status == 1 && plan.errors.contains("bad-evaluation-prompt"), "\(plan.transcript)")
    }
}
