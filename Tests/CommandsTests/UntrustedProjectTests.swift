//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Foundation
import FtopsTestSupport
import Testing

@Suite("The Project of a stranger's change")
struct UntrustedProjectTests {
    private func project(_ spec: String) -> String {
        "apiVersion: ftops/v1\nkind: Project\nmetadata: {name: acme}\nspec: \(spec)\n"
    }

    @Test("names no place of this machine: neither store, nor remote, branch or ledger")
    func places() throws {
        let scenario = try Scenario.trained()
        let store = scenario.folder.appending(path: "state/artifacts").path
        scenario.repository = scenario.folder.appending(path: "second")
        try FileManager.default.createDirectory(at: scenario.repository, withIntermediateDirectories: true)
        try scenario.git("init", "--quiet", "--initial-branch", "main")
        try scenario.writeManifests()
        try scenario.write(project("{artifacts: {store: \(store)}}"), at: "manifests/project.yaml")
        try scenario.commit("Name somebody's store")
        scenario.environment["FTOPS_STATE"] = scenario.folder.appending(path: "other").path
        #expect(try scenario.ftops("plan").output.contains("= reuse"))
        let plan = try scenario.ftops("plan", "--untrusted")
        #expect(plan.output.contains("+ create  greeter"), "\(plan.transcript)")
        #expect(plan.errors.contains("project.yaml:1:1: warning: budgets and policies are this change's own"))

        try scenario.write(project("{git: {remote: nowhere}}"), at: "manifests/project.yaml")
        try scenario.commit("Name a remote")
        #expect(try scenario.ftops("plan").status == 1)
        #expect(try scenario.ftops("plan", "--untrusted").status == 0)
    }

    @Test("counts for nothing beside the base's, whose budgets, policies and store hold")
    func base() throws {
        let scenario = try Scenario()
        try scenario.writeManifests()
        let strict = project("{policies: {bases: [other]}}")
        try scenario.write(strict, at: "manifests/project.yaml")
        try scenario.commit("Allow one base")
        try scenario.git("checkout", "--quiet", "-b", "change")
        try scenario.write(project("{policies: {bases: [quick]}}"), at: "manifests/project.yaml")
        try scenario.writeManifests(hyperparameters: "{max_steps: 9}")
        try scenario.commit("Allow another, and train on it")
        let own = try scenario.ftops("plan", "--base", "main")
        #expect(own.output.contains("+ create  greeter"), "\(own.transcript)")
        let plan = try scenario.ftops("plan", "--untrusted", "--base", "main")
        #expect(plan.status == 0 && plan.output.contains("x blocked (policy)  greeter"), "\(plan.transcript)")
        #expect(plan.errors.contains("this change has another Project than main"))

        try scenario.write(strict, at: "manifests/project.yaml")
        try scenario.commit("Take it back")
        let same = try scenario.ftops("plan", "--untrusted", "--base", "main")
        #expect(same.output.contains("x blocked (policy)  greeter"), "\(same.transcript)")
        #expect(!same.errors.contains("project-of-stranger"))
        #expect(try scenario.ftops("plan", "--untrusted").output.contains("x blocked (policy)  greeter"))

        try scenario.git("rm", "--quiet", "manifests/project.yaml")
        try scenario.git("commit", "--quiet", "-m", "Be rid of it")
        let without = try scenario.ftops("plan", "--untrusted", "--base", "main")
        #expect(without.output.contains("x blocked (policy)  greeter"), "\(without.transcript)")
        #expect(without.errors.contains("this change has another Project than main"))
    }

    @Test("lets no folder of the work tree be the store, whoever names it")
    func relative() throws {
        let scenario = try Scenario.trained()
        let store = scenario.folder.appending(path: "state/artifacts").path
        scenario.repository = scenario.folder.appending(path: "second")
        try FileManager.default.createDirectory(at: scenario.repository, withIntermediateDirectories: true)
        try scenario.git("init", "--quiet", "--initial-branch", "main")
        try scenario.write(project("{artifacts: {store: store}}"), at: "manifests/project.yaml")
        try scenario.commit("Keep weights beside the manifests")
        try scenario.git("checkout", "--quiet", "-b", "change")
        try scenario.writeManifests()
        try FileManager.default.createSymbolicLink(
            atPath: scenario.repository.appending(path: "store").path,
            withDestinationPath: store
        )
        try scenario.commit("Ask for it, and lay a link")
        scenario.environment["FTOPS_STATE"] = scenario.folder.appending(path: "other").path
        #expect(try scenario.ftops("plan", "--base", "main").output.contains("= reuse"))
        #expect(try scenario.ftops("plan", "--untrusted", "--base", "main").output.contains("+ create  greeter"))
    }
}
