//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Foundation
import FtopsTestSupport
import Testing

@Suite("Selecting, renaming and suspending fine-tunes")
struct SelectionTests {
    /// Two more fine-tunes beside the greeter, in one document after the other.
    private static let others = """
        ---
        apiVersion: ftops/v1
        kind: FineTune
        metadata: {name: porter, labels: {team: search, tier: gold}}
        spec: {base: quick, dataset: greetings, template: greet, hyperparameters: {max_steps: 4}, destination: porter}
        ---
        apiVersion: ftops/v1
        kind: FineTune
        metadata: {name: waiter, labels: {team: search}}
        spec: {base: quick, dataset: greetings, template: greet, hyperparameters: {max_steps: 5}, destination: waiter}
        """

    private func scenario(_ extra: String = others) throws -> Scenario {
        let scenario = try Scenario()
        try scenario.writeManifests()
        try scenario.write(Scenario.manifest(extra: extra), at: "manifests/greeter.yaml")
        try scenario.commit("Describe three fine-tunes in one file")
        return scenario
    }

    @Test("labels choose what is planned, applied and listed")
    func labels() throws {
        let scenario = try scenario()
        let plan = try scenario.ftops("plan", "-l", "team=search")
        #expect(plan.output.contains("2 to train"), "\(plan.transcript)")
        let both = try scenario.ftops("plan", "-l", "team=search", "-l", "tier=gold")
        #expect(both.output.contains("porter") && both.output.contains("1 to train"), "\(both.transcript)")
        let apply = try scenario.ftops("apply", "--auto-approve", "-l", "team=search", "--target", "porter")
        #expect(apply.status == 0, "\(apply.transcript)")
        #expect(try scenario.completedTrainings() == 1)
        #expect(try scenario.ftops("versions", "-l", "tier=gold").output.contains("local/porter"))
        #expect(try scenario.ftops("status", "--all", "-l", "tier=gold").output.contains("local/porter"))
        let none = try scenario.ftops("plan", "-l", "team=serch")
        #expect(none.status == 1 && none.errors.contains("labels are team=search, tier=gold"), "\(none.transcript)")
        #expect(try scenario.ftops("plan", "-l", "team").status == 64)
    }

    @Test("versions of other labels are not listed")
    func versions() throws {
        let scenario = try Scenario.trained()
        let manifest = Scenario.manifest(extra: Self.others)
        try scenario.write(manifest, at: "manifests/greeter.yaml")
        try scenario.commit("Add two")
        #expect(!(try scenario.ftops("versions", "-l", "team=search").output.contains("acme/greeter")))
        #expect(!(try scenario.ftops("status", "--all", "-l", "team=search").output.contains("acme/greeter")))
    }

    @Test("renamed resources, moved to other files, train nothing")
    func renames() throws {
        let scenario = try Scenario.trained()
        var text = Scenario.manifest()
        for (old, new) in [
            ("name: greetings}", "name: guests}"), ("dataset: greetings", "dataset: guests"),
            ("name: greet}", "name: salute}"), ("template: greet", "template: salute"),
            ("name: quick}", "name: swift}"), ("base: quick", "base: swift"), ("name: greeter}", "name: doorman}"),
        ] {
            #expect(text.contains(old), "\(old)")
            text = text.replacingOccurrences(of: old, with: new)
        }
        let documents = text.components(separatedBy: "\n---\n")
        try scenario.git("rm", "--quiet", "manifests/greeter.yaml")
        for (index, document) in documents.enumerated() {
            try scenario.write(document + "\n", at: "manifests/deep/er/\(index).yaml")
        }
        try scenario.commit("Rename everything")
        let plan = try scenario.ftops("plan", "--detailed-exitcode")
        #expect(plan.status == 0 && plan.output.contains("up-to-date."), "\(plan.transcript)")
        let apply = try scenario.ftops("apply", "--auto-approve")
        #expect(apply.status == 0, "\(apply.transcript)")
        #expect(try scenario.completedTrainings() == 1)
    }

    @Test("a suspended fine-tune waits for its time, and apply trains the others with exit 0")
    func suspends() throws {
        let until = "suspend: {reason: no GPUs, until: 2099-01-01}"
        let text = Scenario.manifest(extra: Self.others)
            .replacingOccurrences(of: "  destination: acme/greeter", with: "  destination: acme/greeter\n  \(until)")
        let scenario = try Scenario()
        try scenario.writeManifests()
        try scenario.write(text, at: "manifests/greeter.yaml")
        try scenario.commit("Suspend the greeter")
        let plan = try scenario.ftops("plan", "--target", "greeter", "--detailed-exitcode")
        #expect(plan.status == 0 && plan.output.contains("x blocked (suspended)  greeter"), "\(plan.transcript)")
        #expect(plan.output.contains("no GPUs until 2099-01-01T00:00:00Z"), "\(plan.transcript)")
        #expect(plan.output.contains("manifests/greeter.yaml:33"), "\(plan.transcript)")
        let apply = try scenario.ftops("apply", "--auto-approve")
        #expect(apply.status == 0, "\(apply.transcript)")
        #expect(try scenario.completedTrainings() == 2)
        let later = ["FTOPS_CLOCK_OFFSET": "3000000000"]
        let free = try scenario.ftops("plan", "--target", "greeter", environment: later)
        #expect(free.output.contains("+ create"), "\(free.transcript)")
    }

    @Test("a suspended project trains nothing, retries nothing, and says which line it is")
    func suspendsAll() throws {
        let scenario = try Scenario()
        try scenario.writeManifests()
        try scenario.commit("Describe the greeter")
        let failing = ["FTOPS_QUICK_FAIL": "diverged:the loss is not a number"]
        #expect(try scenario.ftops("apply", "--auto-approve", environment: failing).status == 1)
        let head = "apiVersion: ftops/v1\nkind: Project\nmetadata: {name: acme}\n"
        try scenario.write(head + "spec:\n  suspend: {reason: holidays}\n", at: "manifests/project.yaml")
        try scenario.commit("Go on holiday")
        let plan = try scenario.ftops("plan")
        #expect(plan.output.contains("manifests/project.yaml:5"), "\(plan.transcript)")
        let apply = try scenario.ftops("apply", "--auto-approve", "--retry-failed")
        #expect(apply.status == 0 && apply.output.contains("holidays"), "\(apply.transcript)")
        #expect(try scenario.completedTrainings() == 0)
    }
}
