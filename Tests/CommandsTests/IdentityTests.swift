//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Foundation
import FtopsTestSupport
import Testing

@Suite("The identity that versions are committed by")
struct IdentityTests {
    /// Where an identity is configured: variables, and files of the scenario's folder.
    struct Setting: CustomTestStringConvertible, Sendable {
        let testDescription: String
        var environment: [String: String] = [:]
        var files: [String: String] = [:]
    }

    private static func section(_ name: String, _ person: String) -> String {
        "[\(name)]\n\tname = \(person)\n\temail = \(person.lowercased())@example.org\n"
    }

    static let settings = [
        Setting(testDescription: "the home folder", files: [".gitconfig": section("user", "Home")]),
        Setting(testDescription: "XDG's folder", files: [".config/git/config": section("user", "Xdg")]),
        Setting(
            testDescription: "an XDG folder of another name",
            environment: ["XDG_CONFIG_HOME": "elsewhere"],
            files: ["elsewhere/git/config": section("user", "Elsewhere")]
        ),
        Setting(
            testDescription: "the repository over the home folder",
            files: [".gitconfig": section("user", "Home"), "repository/.git/config": section("user", "Repository")]
        ),
        Setting(
            testDescription: "the file of GIT_CONFIG_GLOBAL, and not the home folder",
            environment: ["GIT_CONFIG_GLOBAL": "global"],
            files: [".gitconfig": section("user", "Home"), "global": section("user", "Global")]
        ),
        Setting(
            testDescription: "a file that is included",
            files: [".gitconfig": "[include]\n\tpath = included\n", "included": section("user", "Included")]
        ),
        Setting(
            testDescription: "author and committer of the configuration",
            files: [
                ".gitconfig": section("user", "User") + section("author", "Author") + section("committer", "Committer")
            ]
        ),
        Setting(
            testDescription: "the variables over everything",
            environment: [
                "GIT_AUTHOR_NAME": "Ann", "GIT_AUTHOR_EMAIL": "ann@example.org", "GIT_COMMITTER_NAME": "Cleo",
                "GIT_COMMITTER_EMAIL": "cleo@example.org",
            ],
            files: [".gitconfig": section("user", "Home")]
        ),
        Setting(
            testDescription: "half from a variable, half from the configuration",
            environment: ["GIT_COMMITTER_NAME": "Cleo", "EMAIL": "unused@example.org"],
            files: [".gitconfig": section("user", "Home")]
        ),
        Setting(
            testDescription: "an address by EMAIL",
            environment: ["EMAIL": "mail@example.org"],
            files: [".gitconfig": "[user]\n\tname = Home\n"]
        ),
    ]

    /// A repository whose one identity is the setting's.
    private func scenario(_ setting: Setting) throws -> Scenario {
        let scenario = try Scenario()
        try scenario.writeManifests()
        try scenario.commit("Describe the greeter")
        try FileManager.default.removeItem(at: scenario.folder.appending(path: ".gitconfig"))
        for name in ["AUTHOR", "COMMITTER"] {
            for part in ["NAME", "EMAIL"] { scenario.environment["GIT_\(name)_\(part)"] = "" }
        }
        scenario.environment.merge(["EMAIL": "", "GIT_CONFIG_NOSYSTEM": "1"]) { $1 }
        for (key, value) in setting.environment {
            let isPath = key.hasSuffix("_GLOBAL") || key.hasSuffix("_HOME")
            scenario.environment[key] = isPath ? scenario.folder.appending(path: value).path : value
        }
        for (path, text) in setting.files {
            let before = (try? scenario.read("../\(path)")) ?? ""
            try scenario.write(before + text, at: "../\(path)")
        }
        return scenario
    }

    @Test("is the one that git commit would use", arguments: settings)
    func isGits(setting: Setting) throws {
        let scenario = try scenario(setting)
        let format = "--format=%an <%ae>, %cn <%ce>"
        // An empty variable is an error for git, and none for ftops.
        let set = scenario.environment.filter { !$0.value.isEmpty }
        let arguments =
            ["-i"] + (set.map { "\($0.key)=\($0.value)" }) + [
                "PATH=/usr/bin:/bin", "git", "commit", "--quiet", "--allow-empty", "--message", "by git",
            ]
        let commit = try scenario.start("/usr/bin/env", arguments).wait()
        try #require(commit.status == 0, "\(commit.transcript)")
        let expected = try scenario.git("log", "-1", format)
        let apply = try scenario.ftops("apply", "--auto-approve")
        #expect(apply.status == 0, "\(apply.transcript)")
        #expect(try scenario.git("log", "-1", "--format=%s").hasPrefix("Publish "))
        #expect(try scenario.git("log", "-1", format) == expected)
    }

    @Test("where there is none the two lines to type are named, before anything is trained")
    func isMissing() throws {
        let scenario = try scenario(Setting(testDescription: "nothing"))
        let apply = try scenario.ftops("apply")
        #expect(apply.status == 1, "\(apply.transcript)")
        #expect(apply.errors.contains("  git config --global user.name "), "\(apply.transcript)")
        #expect(apply.errors.contains("  git config --global user.email "), "\(apply.transcript)")
        #expect(try scenario.quickLog().isEmpty)
        #expect(try scenario.git("for-each-ref", "refs/ftops") == "")
    }
}
