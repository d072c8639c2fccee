//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Foundation
import FtopsTestSupport
import Testing

@Suite("What a stranger writes, in the plan of it")
struct UntrustedTextTests {
    /// What steers a terminal, reorders text, is HTML, markup, a link or a mention, or a command to who runs a job.
    private static let hostile =
        "\u{1B}[2J\u{9B}31m\u{202E}\u{200B}<script>alert(1)</script>![i](https://evil.example/?q)[l](javascript:x)"
        + "|@everyone #1 `c` **b**\n::add-mask::a\r\n  ::set-output name=x::y\n##[add-mask]b ##vso[task.setvariable]c"
    private static let long = String(repeating: "words and words ::add-mask::d ", count: 20_000)

    private let scenario: Scenario

    init() throws {
        scenario = try Scenario()
        try scenario.writeManifests()
    }

    /// A text in double quotes, with an escape for whatever is not plain.
    private static func quoted(_ text: String) -> String {
        let escaped = text.utf16.map { unit in
            let isPlain = (0x20..<0x7F).contains(unit) && unit != 0x22 && unit != 0x5C
            return isPlain
                ? String(UnicodeScalar(UInt8(unit))) : "\\u" + String(0x10000 + Int(unit), radix: 16).dropFirst()
        }
        return "\"\(escaped.joined())\""
    }

    /// The streams of a plan in each format, by the format.
    private func plans() throws -> [String: Finished] {
        try scenario.commit("Write strange things")
        return try Dictionary(
            uniqueKeysWithValues: ["text", "json", "markdown", "github"].map { format in
                let plan = try scenario.ftops("plan", "--untrusted", "--format", format)
                return (format, plan)
            }
        )
    }

    /// Expects how plans end, and what each says.
    private func expect(_ plans: [String: Finished], status: Int32, says: String) {
        for (format, plan) in plans {
            let isSaid = plan.status == status && plan.transcript.contains(says)
            #expect(isSaid, "\(format): \(plan.transcript.prefix(2000))")
        }
    }

    /// Expects that nobody who reads or shows the streams does anything but show them.
    private func expectHarmless(_ plans: [String: Finished], limit: Int = 20_000) throws {
        for (format, plan) in plans {
            for stream in [plan.output, plan.errors] {
                #expect(stream.utf8.count < limit, "\(format): \(stream.utf8.count) bytes")
                let scalars = stream.unicodeScalars
                #expect(!scalars.contains { $0 != "\n" && $0.properties.generalCategory == .control }, "\(format)")
                #expect(!scalars.contains { ["\u{202E}", "\u{200B}"].contains($0) }, "\(format)")
                #expect(!stream.contains("##[") && !stream.contains("##vso["), "\(format): \(stream.suffix(2000))")
                let commands = stream.split(whereSeparator: \.isNewline).map { $0.drop(while: \.isWhitespace) }
                    .filter { $0.hasPrefix("::") }
                let isOurs = { (line: Substring) in line.hasPrefix("::error ") || line.hasPrefix("::warning ") }
                #expect(commands.allSatisfy { format == "github" && isOurs($0) }, "\(format): \(commands)")
            }
        }
        let page = try #require(plans["markdown"]).output
        for sign in ["<script", "![i]", ")[l]", "@everyone", " #1", " **b"] {
            #expect(!page.contains(sign), "\(page)")
        }
    }

    @Test("harms nobody as a path, in errors of every format")
    func path() throws {
        let text = try scenario.read("manifests/greeter.yaml")
        let hostile = Self.hostile.replacing("://", with: ":/")
        for path in [hostile, hostile + Self.long.prefix(3000)] {
            let source = "source: \(Self.quoted(path))"
            try scenario.write(
                text.replacing("source: datasets/greetings.jsonl", with: source),
                at: "manifests/greeter.yaml"
            )
            let plans = try plans()
            expect(plans, status: 1, says: "missing-file")
            try expectHarmless(plans)
        }
    }

    @Test("harms nobody as a file's name, as a row, or as a key")
    func names() throws {
        try FileManager.default.removeItem(at: scenario.repository.appending(path: "manifests/greeter.yaml"))
        let name = Self.hostile.replacing("/", with: "").prefix(150)
        try scenario.write(
            Scenario.manifest().replacing("source: ", with: "\(Self.quoted(Self.hostile)): 1\n  source: "),
            at: "manifests/\(name).yaml"
        )
        let plans = try plans()
        expect(plans, status: 1, says: "unknown-key")
        try expectHarmless(plans)
    }

    @Test("harms nobody as a row that cannot be used")
    func rows() throws {
        let rows = (1...30).map { "{\"name\": [\"\($0)\(Self.hostile)\(Self.long)\n" }.joined()
        try scenario.write(rows, at: "datasets/greetings.jsonl")
        let plans = try plans()
        expect(plans, status: 1, says: "bad-row")
        try expectHarmless(plans)
    }

    @Test("harms nobody as a reason in the plan itself, wherever its lines are broken")
    func reasons() throws {
        for reason in [Self.hostile, Self.long, Self.hostile + Self.long] {
            let project = "apiVersion: ftops/v1\nkind: Project\nmetadata: {name: acme}\nspec: {suspend: {reason: "
            try scenario.write(project + Self.quoted(reason) + "}}\n", at: "manifests/project.yaml")
            let plans = try plans()
            expect(plans, status: 0, says: "blocked")
            try expectHarmless(plans)
        }
    }

    @Test("harms nobody as the licence that a policy refuses")
    func policies() throws {
        let text = try scenario.read("manifests/greeter.yaml")
        let license = "license: \(Self.quoted(Self.hostile + Self.long))"
        try scenario.write(
            text.replacing("parameters: 1M", with: "parameters: 1M\n  \(license)"),
            at: "manifests/greeter.yaml"
        )
        let project =
            "apiVersion: ftops/v1\nkind: Project\nmetadata: {name: acme}\nspec: {policies: {licenses: [mit]}}\n"
        try scenario.write(project, at: "manifests/project.yaml")
        let plans = try plans()
        expect(plans, status: 0, says: "blocked")
        try expectHarmless(plans)
    }
}
