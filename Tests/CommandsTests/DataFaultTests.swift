//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Foundation
import FtopsTestSupport
import Testing

/// A slip in manifests or data, and what is said of it, once.
struct DataFault: CustomTestStringConvertible, Sendable {
    let testDescription: String
    /// What a text of the manifest is replaced with.
    let change: (old: String, new: String)
    /// Where it is told.
    let place: String
    /// What is told, once.
    let says: String
    /// What is told beside it.
    var note = ""

    private static let source = "source: datasets/greetings.jsonl"

    static let all = [
        DataFault(
            testDescription: "a field that no row has",
            change: ("{name}", "{nam}"),
            place: "manifests/greeter.yaml:12:19: ",
            says: "none of the 20 rows of datasets/greetings.jsonl has field \"nam\" that the template names",
            note: "did you mean {name}?"
        ),
        DataFault(
            testDescription: "a template that was forgotten",
            change: ("  template: greet\n", ""),
            place: "manifests/greeter.yaml:2",
            says: "none of the 20 rows of datasets/greetings.jsonl has prompt and completion, prompt, chosen and "
                + "rejected, text or messages: name a template in the FineTune"
        ),
        DataFault(
            testDescription: "a folder",
            change: (source, "source: datasets"),
            place: "manifests/greeter.yaml:5:11: ",
            says: "the file datasets is a folder: name a file in it"
        ),
        DataFault(
            testDescription: "a pipe",
            change: (source, "source: datasets/pipe"),
            place: "manifests/greeter.yaml:5:11: ",
            says: "the file datasets/pipe is a pipe or a device: rows are read more than once, so put them into a file"
        ),
        DataFault(
            testDescription: "another spelling of a file",
            change: (source, "source: datasets/Greetings.jsonl"),
            place: "manifests/greeter.yaml:5:11: ",
            says: "the file datasets/Greetings.jsonl is not there; did you mean datasets/greetings.jsonl?"
        ),
    ]
}

@Suite("Slips in data")
struct DataFaultTests {
    @Test("are told once, at the line that is to be mended", arguments: DataFault.all)
    func told(_ fault: DataFault) throws {
        let scenario = try Scenario()
        try scenario.writeManifests()
        let text = try scenario.read("manifests/greeter.yaml")
        try #require(text.contains(fault.change.old))
        try scenario.write(text.replacing(fault.change.old, with: fault.change.new), at: "manifests/greeter.yaml")
        try #require(mkfifo(scenario.repository.appending(path: "datasets/pipe").path, 0o600) == 0)
        for command in [["plan"], ["data", "preview", "greeter"]] {
            let result = try scenario.start(Scenario.executable.path, command).wait()
            #expect(result.status == 1 && result.errors.contains(fault.place), "\(result.transcript)")
            #expect(result.errors.ranges(of: fault.says).count == 1, "\(result.transcript)")
            #expect(result.errors.contains(fault.note) || fault.note.isEmpty, "\(result.transcript)")
        }
    }

    @Test("that git ignores are committed by the command that apply names")
    func ignored() throws {
        let scenario = try Scenario()
        try scenario.write("*.jsonl\n", at: ".gitignore")
        try scenario.writeManifests()
        try scenario.commit("Describe the greeter")
        let refused = try scenario.ftops("apply", "--auto-approve")
        let command = "git add --force datasets/greetings.jsonl"
        #expect(refused.status == 1 && refused.errors.contains(command), "\(refused.transcript)")
        try scenario.git("add", "--force", "datasets/greetings.jsonl")
        try scenario.commit("Add the rows")
        #expect(try scenario.ftops("apply", "--auto-approve").status == 0)
    }

    @Test("of a sweep's name are told by the sweep")
    func sweep() throws {
        let scenario = try Scenario()
        try scenario.write(Scenario.manifest(extra: "  sweep: {max_steps: [6, 7]}"), at: "manifests/greeter.yaml")
        try scenario.write((1...20).map(Scenario.row).joined(), at: "datasets/greetings.jsonl")
        let plan = try scenario.ftops("plan", "--target", "greter")
        #expect(plan.status == 1 && plan.errors.contains("did you mean greeter?"), "\(plan.transcript)")
    }
}
