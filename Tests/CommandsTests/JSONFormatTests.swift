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

/// The members of a command's document, as `.docs/json.md` has them.
struct DocumentedFormat {
    let types: [String: Set<String>]

    init(_ command: String) throws {
        let text = try String(contentsOf: Scenario.package.appending(path: ".docs/json.md"), encoding: .utf8)
        let sections = text.components(separatedBy: "\n## ").dropFirst()
        let section = try #require(sections.first { $0.hasPrefix(command + "\n") })
        types = section.split(separator: "\n").reduce(into: [:]) { types, line in
            guard let row = line.wholeMatch(of: #/\| `([^`]+)` \| ([a-z ]+) \|.*/#) else { return }
            types[String(row.1)] = Set(row.2.components(separatedBy: " or "))
        }
    }

    /// Holds documents against the table: whatever they have is in it, and whatever is in it they have.
    func expect(_ documents: [String]) throws {
        var found: [String: Set<String>] = [:]
        for document in documents { Self.collect(try JSONParser.parse(document), at: "", into: &found) }
        for (path, kinds) in found {
            #expect(kinds.isSubset(of: types[path] ?? []), "\(path) is \(kinds.sorted())")
        }
        for path in types.keys { #expect(found[path] != nil, "no document has \(path)") }
    }

    private static func collect(_ value: JSONValue, at path: String, into found: inout [String: Set<String>]) {
        switch value {
        case .object(let object):
            for member in object.members {
                collect(member.value, at: path.isEmpty ? member.key : "\(path).\(member.key)", into: &found)
            }
            // One that is never null says nothing that its members do not say.
            let nullable = ["items[].rows", "items[].estimate", "items[].selection", "trials[].estimate"]
            if nullable.contains(path) { found[path, default: []].insert("object") }
        case .array(let elements): for element in elements { collect(element, at: path + "[]", into: &found) }
        case .null: found[path, default: []].insert("null")
        case .bool: found[path, default: []].insert("boolean")
        case .number: found[path, default: []].insert("number")
        case .string: found[path, default: []].insert("text")
        }
    }
}

@Suite("Documents for programs")
struct JSONFormatTests {
    private static let unsupported = Scenario.manifest().replacingOccurrences(
        of: "template: greet\n",
        with: "template: great\n  notify: []\n"
    )

    private func snapshot(_ name: String) throws -> String {
        let file = Scenario.package.appending(path: "Tests/ReportsTests/Snapshots/\(name)")
        return try String(contentsOf: file, encoding: .utf8)
    }

    @Test("a plan has the members that are documented, whatever its actions")
    func plan() throws {
        let scenario = try Scenario()
        try scenario.writeManifests()
        let first = try scenario.ftops("plan", "--json")
        try #require(first.status == 0, "\(first.transcript)")
        try DocumentedFormat("ftops plan").expect([try snapshot("plan-every-action.json"), first.output])
    }

    @Test("apply, its trials, status, versions, show, pull, export and validate have the members that are documented")
    func others() throws {
        let scenario = try Scenario()
        try scenario.writeManifests()
        try scenario.gate("{loss: '< base'}")
        try scenario.commit("Describe the greeter")
        let failing = ["FTOPS_QUICK_FAIL": "diverged:the loss is not a number"]
        let trials = try [failing, [:]].map { try scenario.ftops("apply", "--try", "--json", environment: $0).output }
        try DocumentedFormat("ftops apply --try").expect(trials)
        let failed = try scenario.ftops("apply", "--auto-approve", "--json", environment: failing)
        let status = try scenario.ftops("status", "--json")
        let retried = try scenario.ftops("apply", "--auto-approve", "--retry-failed", "--json")
        let again = try scenario.ftops("apply", "--auto-approve", "--json")
        try DocumentedFormat("ftops apply").expect([failed.output, retried.output, again.output])
        let all = try scenario.ftops("status", "--all", "--json")
        try DocumentedFormat("ftops status").expect([status.output, all.output])
        let documents = [["versions", "--json"], ["show", "acme/greeter", "--json"]]
        let versions = try documents.map { try scenario.start(Scenario.executable.path, $0).wait().output }
        try DocumentedFormat("ftops versions").expect(versions)
        let pull = try scenario.start(Scenario.executable.path, ["pull", "acme/greeter", "pulled", "--json"]).wait()
        try DocumentedFormat("ftops pull").expect([pull.output])
        let exports = try [["--to", "a"], ["--to", "b", "--merge"]].map { more in
            try scenario.start(Scenario.executable.path, ["export", "acme/greeter", "--json"] + more).wait().output
        }
        try DocumentedFormat("ftops export").expect(exports)
        try DocumentedFormat("ftops compare").expect([
            try scenario.ftops("compare", "acme/greeter", "--json").output,
            try scenario.ftops("compare", "acme/greeter", "--json", "--name", "Ann").output,
        ])
        try DocumentedFormat("ftops evaluate").expect([try scenario.ftops("evaluate", "acme/greeter", "--json").output])
        let valid = try scenario.ftops("validate", "--json").output
        try scenario.write(Self.unsupported, at: "manifests/greeter.yaml")
        try DocumentedFormat("ftops validate").expect([valid, try scenario.ftops("validate", "--json").output])
    }
}
