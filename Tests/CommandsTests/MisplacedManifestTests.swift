//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import FtopsTestSupport
import Testing

@Suite("Manifests that stand where they are not read")
struct MisplacedManifestTests {
    @Test(
        "are an error where there are no others, committed or not",
        arguments: ["ml/manifests/greeter.yaml", "greeter.yml", "manifests/greeter.YAML"]
    )
    func misplaced(path: String) throws {
        let scenario = try Scenario()
        try scenario.write(Scenario.manifest(), at: path)
        for command in ["validate", "plan"] {
            let found = try scenario.ftops(command)
            #expect(found.status == 1 && found.errors.contains("\(path):1:1: error: this manifest is not read"))
        }
        try scenario.commit("Keep them elsewhere")
        #expect(try scenario.ftops("validate", "--ref", "HEAD").status == 1)
        let why = try scenario.ftops("why", "misplaced-manifest")
        #expect(why.status == 0, "\(why.transcript)")
    }

    @Test("are nobody's business beside manifests that are read, and other YAML never is")
    func others() throws {
        let scenario = try Scenario()
        try scenario.write("services: {}\n", at: "compose.yaml")
        #expect(try scenario.ftops("validate").output.contains("No manifests yet"))
        try scenario.writeManifests()
        try scenario.write(Scenario.manifest(), at: "examples/greeter.yaml")
        #expect(try scenario.ftops("validate").status == 0)
    }
}
