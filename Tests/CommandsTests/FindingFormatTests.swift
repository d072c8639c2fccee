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

@Suite("Findings in the form that was asked for")
struct FindingFormatTests {
    private func broken() throws -> Scenario {
        let scenario = try Scenario()
        try scenario.write(
            Scenario.manifest().replacingOccurrences(of: "template: greet\n", with: "template: great\n"),
            at: "manifests/greeter.yaml"
        )
        return scenario
    }

    @Test(
        "are the result of validate, and of a plan that they prevent",
        arguments: ["validate", "plan"],
        [
            ("github", "::error file=manifests/greeter.yaml,line="),
            ("json", "{\n  \"format_version\": \"1.0\",\n  \"valid\": false,\n"),
            ("markdown", "**1 error**\n\n| | where | what |\n"),
        ]
    )
    func printed(_ command: String, form: (name: String, start: String)) throws {
        let finished = try broken().ftops(command, "--format", form.name)
        #expect(finished.status == 1)
        #expect(finished.output.hasPrefix(form.start), "\(finished.transcript)")
        #expect(!finished.errors.contains("manifests/greeter.yaml"), "\(finished.transcript)")
    }

    @Test("are a document of an apply that they prevent")
    func apply() throws {
        let scenario = try broken()
        try scenario.commit("Begin")
        let finished = try scenario.ftops("apply", "--json")
        #expect(finished.status == 1)
        let document = try JSONParser.parse(finished.output)
        #expect(document["diagnostics"]?.array?.count == 1, "\(finished.transcript)")
    }

    @Test("stand with the messages as text")
    func text() throws {
        let finished = try broken().ftops("plan")
        #expect(finished.output.isEmpty && finished.errors.contains("[dangling-reference]"), "\(finished.transcript)")
    }

    @Test("of a plan that is made are annotations before it, or in its markdown")
    func plan() throws {
        let scenario = try Scenario()
        try scenario.writeManifests()
        let github = try scenario.ftops("plan", "--format", "github")
        #expect(github.status == 0 && github.output.contains("+ create"), "\(github.transcript)")
        let markdown = try scenario.ftops("plan", "--format", "markdown")
        #expect(markdown.output.hasPrefix("<!-- ftops:plan -->\n"), "\(markdown.transcript)")
        #expect(markdown.output.contains("`+` create"), "\(markdown.transcript)")
    }
}
