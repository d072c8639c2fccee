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

@Suite("Sources elsewhere, in a plan of a stranger's change")
struct UntrustedSourceTests {
    private static let rows = (1...20).map(Scenario.row).joined()
    private static let address = "https://rows.example.org/private/rows.jsonl"

    private let scenario: Scenario
    private let web: WebPeer

    /// A machine that reaches a site by a proxy, and a fine-tune `far` of rows there beside `greeter`, which has its own;
    /// `further` goes on from it.
    init() throws {
        let certificate = try TestCertificate(names: ["rows.example.org"])
        web = try WebPeer(certificate: certificate.file, isProxy: true)
        try web.folder.write(Self.rows, to: "sites/rows.example.org/private/rows.jsonl")
        scenario = try Scenario()
        let authority = scenario.folder.appending(path: "authority.pem")
        try Data(contentsOf: URL(fileURLWithPath: certificate.authority)).write(to: authority)
        scenario.environment["https_proxy"] = web.address("")
        scenario.environment["CURL_CA_BUNDLE"] = authority.path
        try scenario.writeManifests()
        try scenario.write(
            """
            apiVersion: ftops/v1
            kind: Dataset
            metadata: {name: elsewhere}
            spec:
              source: \(Self.address)
              sha256: \(try Python.sha256(Self.rows))
            ---
            apiVersion: ftops/v1
            kind: FineTune
            metadata: {name: far}
            spec: {base: quick, dataset: elsewhere, template: greet, destination: acme/far}
            ---
            apiVersion: ftops/v1
            kind: FineTune
            metadata: {name: further}
            spec: {base: far, dataset: greetings, template: greet, destination: acme/further}
            """,
            at: "manifests/far.yaml"
        )
        try scenario.commit("Name rows elsewhere")
    }

    @Test("are not fetched: what needs them is named as not planned, in every format, and the others are planned")
    func uncached() throws {
        let plan = try scenario.ftops("plan", "--untrusted")
        #expect(plan.status == 0 && plan.output.contains("+ create  greeter"), "\(plan.transcript)")
        #expect(plan.output.contains("Not planned: far, further. The warnings say why."), "\(plan.output)")
        let says = "far is not planned: \(Self.address) is not in the cache, and nothing is downloaded for strangers"
        #expect(plan.errors.contains("manifests/far.yaml:5:11: warning: \(says) [not-planned]"), "\(plan.errors)")
        #expect(plan.errors.contains("further is not planned: its base far is not"))

        let document = try scenario.document("--untrusted")
        #expect(document["unplanned"] == ["far", "further"] && document["has_changes"] == true)
        let markdown = try scenario.ftops("plan", "--untrusted", "--format", "markdown").output
        #expect(markdown.contains("\nNot planned: far, further. The warnings say why.\n"), "\(markdown)")
        let annotations = try scenario.ftops("plan", "--untrusted", "--format", "github").output
        #expect(annotations.contains("::warning file=manifests/far.yaml,line=5,"), "\(annotations)")
        let alone = try scenario.ftops("plan", "--untrusted", "--target", "far", "--detailed-exitcode")
        #expect(alone.status == 2 && !alone.output.contains("Nothing to do"), "\(alone.transcript)")
        #expect(web.requests("rows.jsonl").isEmpty, "somebody was asked")
    }

    @Test("are read where the cache has them by their pin, and planned as ever")
    func cached() throws {
        let trusted = try scenario.said()
        let requests = web.requests("rows.jsonl").count
        #expect(requests > 0)
        #expect(try scenario.said("--untrusted") == trusted)
        #expect(web.requests("rows.jsonl").count == requests)
    }

    @Test("show nothing of their rows where these cannot be used", arguments: ["mended", "mixed"])
    func hidden(_ form: String) throws {
        #expect(try scenario.ftops("plan").status == 0)
        var text = try scenario.read("manifests/far.yaml").replacing("template: greet", with: "template: other")
        text += "\n---\napiVersion: ftops/v1\nkind: Template\nmetadata: {name: other}\n"
        text += "spec: {prompt: '{name[secret]}', completion: '{greeting}'}\n"
        if form == "mixed" {
            text += "---\napiVersion: ftops/v1\nkind: Dataset\nmetadata: {name: mixed}\n"
            text += "spec: {mix: [{use: elsewhere}]}\n"
            text = text.replacing("dataset: elsewhere", with: "dataset: mixed")
        }
        try scenario.write(text, at: "manifests/far.yaml")
        try scenario.commit("Ask what the rows say")
        #expect(try scenario.ftops("plan").errors.contains("Guest"))
        let plan = try scenario.ftops("plan", "--untrusted")
        #expect(plan.status == 1 && plan.errors.contains("is not shown to strangers"), "\(plan.transcript)")
        // The rows of `greeter` are in the repository.
        let told = plan.errors.components(separatedBy: "\n\n").filter { !$0.contains("datasets/") }.joined()
        #expect(!told.contains("Guest") && !told.contains("Welcome"), "\(told)")
    }
}
