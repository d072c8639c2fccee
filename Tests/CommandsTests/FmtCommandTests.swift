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

@Suite("ftops fmt and schema")
struct FmtCommandTests {
    private static let loose = "a:   'x'   # why\n"
    private static let tidy = "a: x       # why\n"

    private func scene() throws -> Scenario {
        let scenario = try Scenario()
        try scenario.write(Self.loose, at: "manifests/b/loose.yaml")
        try scenario.write(Self.tidy, at: "manifests/tidy.yaml")
        try scenario.write("not: [yaml\n", at: "elsewhere/broken.yaml")
        return scenario
    }

    @Test("writes what is not laid out, names it, and then finds nothing to do")
    func writes() throws {
        let scenario = try scene()
        let first = try scenario.ftops("fmt")
        #expect(first.status == 0 && first.output == "manifests/b/loose.yaml\n", "\(first.transcript)")
        #expect(try scenario.read("manifests/b/loose.yaml") == Self.tidy)
        let second = try scenario.ftops("fmt")
        #expect(second.status == 0 && second.output.isEmpty, "\(second.transcript)")
    }

    @Test("works on all manifests from a folder below too, and on what is named")
    func folders() throws {
        let scenario = try scene()
        let below = try scenario.ftops("-C", "manifests/b", "fmt", "--check")
        #expect(below.status == 3 && below.output.hasSuffix("/manifests/b/loose.yaml\n"), "\(below.transcript)")
        let named = try scenario.ftops("fmt", "--check", "manifests/tidy.yaml")
        #expect(named.status == 0 && named.output.isEmpty, "\(named.transcript)")
        let missing = try scenario.ftops("fmt", "manifests/none.yaml")
        #expect(missing.status == 1 && missing.errors == "error: manifests/none.yaml is not there\n")
    }

    @Test("exits with 3 where --check finds something, and changes nothing")
    func checks() throws {
        let scenario = try scene()
        let check = try scenario.ftops("fmt", "--check")
        #expect(check.status == 3 && check.output == "manifests/b/loose.yaml\n", "\(check.transcript)")
        #expect(try scenario.read("manifests/b/loose.yaml") == Self.loose)
    }

    @Test("shows what would change, as git does")
    func diffs() throws {
        let scenario = try scene()
        let diff = try scenario.ftops("fmt", "--diff")
        #expect(diff.status == 0, "\(diff.transcript)")
        #expect(diff.output.contains("--- a/manifests/b/loose.yaml\n+++ b/manifests/b/loose.yaml\n@@ -1 +1 @@\n"))
        #expect(diff.output.hasSuffix("-a:   'x'   # why\n+a: x       # why\n"), "\(diff.transcript)")
        #expect(try scenario.read("manifests/b/loose.yaml") == Self.loose)
    }

    @Test("says what is no YAML, exits with 1, and lays the others out")
    func broken() throws {
        let scenario = try scene()
        let finished = try scenario.ftops("fmt", "elsewhere", "manifests", "--format", "github")
        #expect(finished.status == 1, "\(finished.transcript)")
        #expect(finished.output.contains("::error file=elsewhere/broken.yaml,line=2,endLine=2,col=1,"))
        #expect(try scenario.read("manifests/b/loose.yaml") == Self.tidy)
        #expect(try scenario.read("elsewhere/broken.yaml") == "not: [yaml\n")
    }

    @Test("says of a symbolic link that it is left as it is, lays the others out, and claims nothing of it")
    func links() throws {
        let scenario = try scene()
        let link = scenario.repository.appending(path: "manifests/link.yaml").path
        try scenario.write(Self.loose, at: "elsewhere/real.yaml")
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "../elsewhere/real.yaml")
        let check = try scenario.ftops("fmt", "--check")
        let words = "manifests/link.yaml:1:1: error: a symbolic link is not followed here; put the file or folder"
        #expect(check.status == 1 && check.errors.contains(words), "\(check.transcript)")
        #expect(check.output == "manifests/b/loose.yaml\n")
        let named = try scenario.ftops("fmt", "manifests", "manifests/link.yaml")
        #expect(named.status == 1 && named.output == "manifests/b/loose.yaml\n", "\(named.transcript)")
        #expect(named.errors.components(separatedBy: "[linked-manifest]").count == 3, "\(named.transcript)")
        #expect(try scenario.read("elsewhere/real.yaml") == Self.loose)
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == "../elsewhere/real.yaml")
    }

    @Test("reads standard input and writes standard output")
    func streams() throws {
        let scenario = try scene()
        let command = "'\(Scenario.executable.path)' fmt - < manifests/b/loose.yaml"
        let finished = try scenario.start("/bin/sh", ["-c", command]).wait()
        #expect(finished.status == 0 && finished.output == Self.tidy, "\(finished.transcript)")
        let check = try scenario.start("/bin/sh", ["-c", command + " && " + command + " --check"]).wait()
        #expect(check.status == 3, "\(check.transcript)")
    }

    @Test("schema prints a schema, and the reference page")
    func schema() throws {
        let scenario = try Scenario()
        let schema = try JSONParser.parse(try scenario.ftops("schema").output)
        #expect(schema["$schema"]?.string == "https://json-schema.org/draft/2020-12/schema")
        #expect(try scenario.ftops("schema", "--format", "markdown").output.hasPrefix("# Kinds of manifests\n"))
    }

    @Test("init writes the schema, and settings by which an editor finds it")
    func editor() throws {
        let scenario = try Scenario()
        try scenario.write("mine", at: ".vscode/settings.json")
        let finished = try scenario.ftops("init")
        #expect(finished.status == 0, "\(finished.transcript)")
        #expect(try scenario.read(".vscode/settings.json") == "mine")
        #expect(try scenario.read(".ftops/schema.json") == scenario.ftops("schema").output)
        let check = try scenario.ftops("fmt", "--check")
        #expect(check.status == 0, "\(check.transcript)")
    }
}
