//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Foundation
import FtopsTestSupport
import Testing

@Suite("A gate")
struct GateTests {
    @Test("that is not met marks the version, ends apply with 12, and the model's name alone passes over it")
    func notMet() throws {
        let scenario = try Scenario.trained()
        try scenario.gate("{exact_match: '>= 0.8', loss: '<= base - 2'}")
        try scenario.train("{max_steps: 5}")
        let apply = try scenario.ftops("apply", "--auto-approve")
        let words = "gate not met: exact_match >= 0.8 (0.750, base 0.250)"
        #expect(apply.status == 12 && apply.errors.contains("greeter: \(words)"), "\(apply.transcript)")
        #expect(apply.output.contains("gate not met") && apply.output.contains("1 done"), "\(apply.transcript)")
        #expect(try scenario.ftops("show", "acme/greeter").output.hasPrefix("acme/greeter:1 "))
        let versions = try scenario.ftops("versions").output
        #expect(versions.contains(#/acme/greeter:2 .* not met/#), "\(versions)")
        let show = try scenario.ftops("show", "acme/greeter:2").output
        #expect(show.contains("not met  exact_match >= 0.8") && show.contains("met      loss <= base - 2"), "\(show)")
        #expect(try scenario.read("versions/acme/greeter/README.md").contains("**Note: gate not met: exact"))
        let evaluate = try scenario.ftops("evaluate", "acme/greeter:2")
        #expect(evaluate.status == 12 && evaluate.output.contains("not met  exact_match"), "\(evaluate.transcript)")
        #expect(try scenario.ftops("evaluate", "acme/greeter:2", "--metrics", "loss").status == 0)
        let again = try scenario.ftops("apply", "--auto-approve")
        #expect(again.status == 0 && again.output.contains("Nothing to do"), "\(again.transcript)")
    }

    @Test("that is asked for later is judged by an evaluation, without a training")
    func later() throws {
        let scenario = try Scenario.trained()
        try scenario.gate("{exact_match: '>= base'}")
        try scenario.commit("Ask for more")
        #expect(try scenario.ftops("plan").output.contains("? evaluate"))
        let apply = try scenario.ftops("apply", "--auto-approve")
        #expect(apply.status == 0, "\(apply.transcript)")
        #expect(try scenario.ftops("versions").output.contains(" met"))
        #expect(try scenario.completedTrainings() == 1)
        try scenario.gate("{exact_match: '> 0.75'}")
        try scenario.commit("Ask for too much")
        #expect(try scenario.ftops("apply", "--auto-approve").status == 12)
        let run = try scenario.ftops("run", "acme/greeter", "--name", "Ann")
        #expect(run.status == 1 && run.errors.contains("no version that meets its gate"), "\(run.transcript)")
        #expect(try scenario.ftops("run", "acme/greeter:1", "--name", "Ann").status == 0)
    }

    @Test("that nothing would measure is an error before anything is trained")
    func unmeasured() throws {
        let scenario = try Scenario()
        try scenario.writeManifests()
        try scenario.gate("{loss: '< base'}")
        let manifest = try scenario.read("manifests/greeter.yaml")
        try scenario.write(
            manifest.replacing("  validation: {rows: 4, seed: 7}\n", with: ""),
            at: "manifests/greeter.yaml"
        )
        let plan = try scenario.ftops("plan")
        #expect(plan.status == 1 && plan.errors.contains("[needs-validation]"), "\(plan.transcript)")
        #expect(plan.errors.contains("the gate's `loss` needs rows that validate"), "\(plan.transcript)")
    }
}

extension Scenario {
    /// Gives the greeter a gate in its manifest, in place of one that it has.
    func gate(_ gate: String) throws {
        let manifest = try read("manifests/greeter.yaml").replacing(#/\n    gate: .*/#, with: "")
            .replacing("[loss, exact_match]", with: "[loss, exact_match]\n    gate: \(gate)")
        try write(manifest, at: "manifests/greeter.yaml")
    }

    /// Asks for another training.
    fileprivate func train(_ hyperparameters: String) throws {
        let manifest = try read("manifests/greeter.yaml").replacing("{max_steps: 6}", with: hyperparameters)
        try write(manifest, at: "manifests/greeter.yaml")
        try commit("Train otherwise")
    }
}
