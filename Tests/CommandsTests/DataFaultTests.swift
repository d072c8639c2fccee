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
    var change: (old: String, new: String)?
    /// The data, where it is not the usual one.
    var data: String?
    /// Lines that standard error has.
    let says: [String]

    static let all = [
        DataFault(
            testDescription: "a field that no row has",
            change: ("{name}", "{nam}"),
            says: [
                "manifests/greeter.yaml:12:19: error: none of the 20 rows of datasets/greetings.jsonl has field \"nam\" "
                    + "that the template names [bad-template]",
                "note: did you mean {name}?",
            ]
        ),
        DataFault(
            testDescription: "a template that was forgotten",
            change: ("  template: greet\n", ""),
            says: [
                "error: none of the 20 rows of datasets/greetings.jsonl has prompt and completion, text or messages: name "
                    + "a template in the FineTune [bad-template]"
            ]
        ),
    ]
}

@Suite("Slips in data")
struct DataFaultTests {
    @Test("are told once, at the line that is to be mended", arguments: DataFault.all)
    func told(_ fault: DataFault) throws {
        let scenario = try Scenario()
        try scenario.writeManifests()
        if let (old, new) = fault.change {
            let text = try scenario.read("manifests/greeter.yaml")
            try #require(text.contains(old))
            try scenario.write(text.replacing(old, with: new), at: "manifests/greeter.yaml")
        }
        if let data = fault.data { try scenario.write(data, at: "datasets/greetings.jsonl") }
        for command in [["plan"], ["data", "preview", "greeter"]] {
            let result = try scenario.start(Scenario.executable.path, command).wait()
            #expect(result.status == 1, "\(result.transcript)")
            for text in fault.says { #expect(result.errors.contains(text), "\(result.transcript)") }
            #expect(result.errors.ranges(of: "bad-template]").count == 1, "\(result.transcript)")
        }
    }
}
