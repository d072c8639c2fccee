//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Foundation
import FtopsTestSupport
import Testing

@Suite("Completions")
struct CompletionTests {
    @Test("completions know the commands, and the names in the repository", arguments: ["bash", "zsh", "fish"])
    func completions(shell: String) throws {
        let scenario = try Scenario()
        let script = try scenario.ftops("completions", shell)
        #expect(script.status == 0)
        #expect(script.output.contains("ftops"))
        #expect(script.output.contains("apply"))
    }

    private static let others = """
        ---
        apiVersion: ftops/v1
        kind: FineTune
        metadata: {name: swept, labels: {team: search, tier: gold}}
        spec: {base: quick, dataset: greetings, template: greet, destination: x, sweep: {lora_rank: [8, 16]}}
        ---
        apiVersion: ftops/v1
        kind: FineTune
        metadata: {name: waiter, labels: {team: sales}}
        spec: {base: quick, dataset: greetings, template: greet, destination: y}
        """

    /// What bash offers for a line, by the very script that ftops prints for it and broken into words as bash does.
    private func offered(_ line: String, _ words: [String], _ scenario: Scenario) throws -> [String] {
        let script = """
            PATH=$(dirname "$0"):$PATH
            source <(ftops completions bash)
            COMP_LINE=$1 COMP_POINT=${#1} COMP_TYPE=9
            shift
            COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
            last=${!#}
            [[ $last == [=:@] ]] && last=
            $(complete -p ftops | sed 's/.*-F \\([^ ]*\\) .*/\\1/') ftops "$last" "${@: -2:1}"
            printf '%s\\n' "${COMPREPLY[@]}"
            """
        let finished = try scenario.start("/bin/bash", ["-c", script, Scenario.executable.path, line] + words).wait()
        #expect(finished.status == 0 && finished.errors.isEmpty, "\(finished.transcript)")
        return finished.output.split(separator: "\n").map(String.init).sorted()
    }

    @Test(
        "bash completes fine-tunes, sweeps, labels and references",
        arguments: [
            (["ftops", "why", "s"], ["swept", "swept[lora_rank=16]", "swept[lora_rank=8]"]),
            (["ftops", "plan", "--target", "w"], ["waiter"]),
            (["ftops", "plan", "-l", "t"], ["team=", "team=sales", "team=search", "tier=gold"]),
            (["ftops", "plan", "-l", "team", "=", "se"], ["search"]),
            (["ftops", "plan", "-l", "team", "="], ["sales", "search"]),
            (["ftops", "why", "swept[lora_rank", "=", "1"], ["16]"]),
            (["ftops", "status", "--label", "ti"], ["tier=gold"]),
            (["ftops", "plan", "--base", ""], ["main", "origin/topic", "topic", "v1"]),
            (["ftops", "validate", "--ref", "v"], ["v1"]),
            (["ftops", "diff", "HEAD", "t"], ["topic"]),
        ]
    )
    func completes(_ words: [String], _ expected: [String]) throws {
        let scenario = try Scenario()
        try scenario.writeManifests()
        try scenario.write(Scenario.manifest(extra: Self.others), at: "manifests/greeter.yaml")
        try scenario.commit("Describe some")
        try scenario.git("branch", "topic")
        try scenario.git("branch", "ftops-ledger")
        try scenario.git("tag", "v1")
        try scenario.git("update-ref", "refs/remotes/origin/topic", "HEAD")
        try scenario.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/topic")
        let line = words.joined(separator: " ").replacing(" = ", with: "=").replacing(" =", with: "=")
        #expect(try offered(line, words, scenario) == expected)
    }

    @Test("nothing is offered, and nothing said, where there is no repository")
    func nowhere() throws {
        let scenario = try Scenario()
        try FileManager.default.removeItem(at: scenario.repository.appending(path: ".git"))
        #expect(try offered("ftops plan -l ", ["ftops", "plan", "-l", ""], scenario).isEmpty)
    }
}
