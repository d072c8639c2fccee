//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Foundation
import FtopsTestSupport
import Testing

@Suite("Commands")
struct CommandTests {
    @Test("init writes a repository that validates and plans")
    func initializes() throws {
        let scenario = try Scenario()
        let made = try scenario.ftops("init")
        #expect(made.status == 0 && made.errors.contains("ftops plan"), "\(made.transcript)")
        #expect(try scenario.ftops("validate").status == 0)
        try scenario.commit("Begin")
        #expect(try scenario.ftops("plan", "--detailed-exitcode").status == 2)
        #expect(try scenario.ftops("init").status == 1)
    }

    @Test("init keeps a README, makes a repository where there is none, and its next steps work")
    func initializesElsewhere() throws {
        let scenario = try Scenario()
        scenario.repository = scenario.folder.appending(path: "fresh")
        try scenario.write("mine\n", at: "README.md")
        let made = try scenario.ftops("init", "-C", scenario.repository.path)
        #expect(made.status == 0 && made.errors.contains("cd \(scenario.repository.path)"), "\(made.transcript)")
        #expect(try scenario.read("README.md") == "mine\n")
        for step in made.errors.split(separator: "\n").filter({ $0.hasPrefix("  ftops") }) {
            let words = step.split(separator: " ").dropFirst().map(String.init)
            if words == ["plan"] { try scenario.commit("Begin") }
            let finished = try scenario.start(
                Scenario.executable.path,
                words + (words == ["apply"] ? ["--auto-approve"] : [])
            )
            #expect(finished.wait().status == 0, "\(step)")
        }
        #expect(try scenario.ftops("versions").output.contains("local/orders:1"))
    }

    @Test(
        "init writes nothing where something is in its way, and says what",
        arguments: [
            ("manifests/mine.yml", "a: 1\n", ".", "manifests/mine.yml is there already"),
            ("datasets/example.jsonl", "", ".", "datasets/example.jsonl is there already"),
            ("manifests", "", ".", "manifests is no folder"), ("sub/x", "", "sub", "lies in the repository"),
        ]
    )
    func refusesToInitialize(_ path: String, _ text: String, _ folder: String, _ message: String) throws {
        let scenario = try Scenario()
        try scenario.write(text, at: path)
        let refused = try scenario.ftops("init", "-C", folder)
        #expect(refused.status == 1 && refused.errors.contains(message), "\(refused.transcript)")
        #expect(try scenario.git("status", "--porcelain", "--untracked-files=all") == "?? \(path)")
    }

    @Test("every mistake in every template is found by validate, each under its caret")
    func findsBadTemplates() throws {
        let scenario = try Scenario()
        let head = "apiVersion: ftops/v1\nkind: Template\nmetadata: {name: "
        try scenario.write(
            head + "a}\nspec:\n  prompt: |-\n    é: {0} {x!r}\n    {y\n  completion: \" {z.z}\"\n---\n"
                + head + "b}\nspec:\n  text: >\n    {x}\n    {1}\n",
            at: "manifests/templates.yaml"
        )
        let validate = try scenario.ftops("validate")
        #expect(validate.status == 1)
        let found = validate.errors.split(separator: "\n").filter { $0.contains("[bad-template]") }
        let places = found.map { $0.split(separator: ":").dropFirst().prefix(2).joined(separator: ":") }
        #expect(places == ["6:9", "6:14", "7:5", "8:19", "14:9"], "\(validate.transcript)")
    }

    @Test("a manifest that cannot be read is found beside what is wrong with the others", arguments: [false, true])
    func unreadableManifests(_ isCommitted: Bool) throws {
        let scenario = try Scenario()
        try scenario.write("kind: Dataset\n", at: "manifests/a.yaml")
        try scenario.write("a: \"\u{85}\"\n", at: "manifests/b.yaml")
        try FileManager.default.createSymbolicLink(
            at: scenario.repository.appending(path: "manifests/c.yaml"),
            withDestinationURL: URL(filePath: "/etc/hostname")
        )
        try scenario.write(String(repeating: "#", count: 9 << 20), at: "manifests/e.yaml")
        if isCommitted {
            try scenario.commit("Begin")
        } else {
            mkfifo(scenario.repository.appending(path: "manifests/d.yml").path, 0o600)
        }
        let validate = try scenario.ftops("validate", "--json", isCommitted ? "--ref=HEAD" : "--no-color")
        let codes = validate.output.split(separator: "\n").filter {
            $0.contains("\"code\": \"") && !$0.contains("kind:")
        }
        let ids = codes.compactMap { line in
            ["missing-field", "syntax", "linked-manifest", "unreadable-manifest"].first { line.contains("\"\($0)\"") }
        }
        let more = Array(repeating: "unreadable-manifest", count: isCommitted ? 1 : 2)
        #expect(ids == ["missing-field", "missing-field", "missing-field", "syntax", "linked-manifest"] + more)
    }

    @Test("validate prints every finding with its place and a caret")
    func validates() throws {
        let scenario = try Scenario()
        try scenario.write(
            Scenario.manifest().replacingOccurrences(
                of: "template: greet\n",
                with: "template: great\n  notify: []\n"
            ),
            at: "manifests/greeter.yaml"
        )
        let validate = try scenario.ftops("validate")
        #expect(validate.status == 1)
        #expect(validate.errors.contains("manifests/greeter.yaml:"))
        #expect(validate.errors.contains("not supported yet: notify"), "\(validate.transcript)")
        #expect(validate.errors.contains("greet") && validate.errors.contains("^"), "\(validate.transcript)")
    }

    @Test("plan reads a commit of a bare repository")
    func plansBare() throws {
        let scenario = try Scenario()
        try scenario.writeManifests()
        try scenario.commit("Describe the greeter")
        try scenario.addOrigin()
        let plan = try scenario.ftops("plan", "-C", scenario.origin.path, "--ref", "main")
        #expect(plan.status == 0 && plan.output.contains("+ create"), "\(plan.transcript)")
        #expect(plan.output.hasPrefix("Plan for commit ") && plan.output.contains(" on main\n"), "\(plan.transcript)")
    }

    @Test("plan reads a commit that is not checked out, and nothing of the work tree")
    func plansRevision() throws {
        let scenario = try Scenario.trained()
        try scenario.git("branch", "side", "HEAD~1")
        try scenario.write("nothing", at: "manifests/greeter.yaml")
        let side = try scenario.ftops("plan", "--ref", "side", "--detailed-exitcode")
        // The branch has not the version that the ledger knows.
        #expect(side.status == 2 && side.output.contains("= reuse"), "\(side.transcript)")
        #expect(side.output.contains(" on side\n") && !side.output.contains("not committed"), "\(side.transcript)")
        let commit = try scenario.ftops("plan", "--ref", "HEAD~0", "--detailed-exitcode")
        #expect(commit.status == 0 && !commit.output.contains(" on "), "\(commit.transcript)")
        let wrong = try scenario.ftops("plan", "--ref", "main:manifests")
        #expect(wrong.status == 1 && wrong.errors.contains("is no commit"), "\(wrong.transcript)")
    }

    @Test("plan works in a subfolder, a linked work tree, a shallow clone and a submodule")
    func plansAnywhere() throws {
        let scenario = try Scenario.trained()
        let (top, folder) = (scenario.repository.path, scenario.folder.path)
        try scenario.git("worktree", "add", "--quiet", folder + "/linked", "-b", "side")
        try scenario.git("clone", "--quiet", "--depth", "1", "file://" + top, folder + "/shallow")
        try scenario.git("init", "--quiet", folder + "/super")
        try scenario.git(
            "-c",
            "protocol.file.allow=always",
            "submodule",
            "--quiet",
            "add",
            top,
            "sub",
            in: scenario.folder.appending(path: "super")
        )
        for place in [top + "/datasets", folder + "/linked", folder + "/shallow", folder + "/super/sub"] {
            let plan = try scenario.ftops("-C", place, "plan", "--detailed-exitcode")
            #expect(plan.status == 0 && plan.output.contains("up-to-date"), "\(place): \(plan.transcript)")
        }
        try scenario.git("checkout", "--quiet", "--detach")
        #expect(try scenario.ftops("plan", "--detailed-exitcode").status == 0)
    }

    @Test("a target that is no fine-tune is an error that says which was meant")
    func refusesTarget() throws {
        let scenario = try Scenario()
        try scenario.writeManifests()
        #expect(try scenario.ftops("plan", "--target", "greeter").status == 0)
        let near = try scenario.ftops("plan", "--target", "greter")
        #expect(near.status == 1 && near.errors.contains("did you mean greeter?"), "\(near.transcript)")
        let model = try scenario.ftops("plan", "--target", "acme/greeter")
        #expect(model.status == 1 && model.errors.contains("published to by greeter"), "\(model.transcript)")
    }

    @Test("what is wrong beyond the manifests is shown at its line in them too, with a caret")
    func showsLines() throws {
        let scenario = try Scenario()
        try scenario.writeManifests()
        let manifest = Scenario.manifest().replacingOccurrences(
            of: "datasets/greetings.jsonl",
            with: "datasets/none.jsonl"
        )
        .replacingOccurrences(of: "{name: Ann, greeting:", with: "{nome: Ann, greeting:")
        try scenario.write(manifest, at: "manifests/greeter.yaml")
        let missing = try scenario.ftops("plan")
        let caret = "  5 |   source: datasets/none.jsonl\n    |           ^~~~~~~~~~~~~~~~~~~\n"
        #expect(missing.status == 1 && missing.errors.contains(caret), "\(missing.transcript)")
        try scenario.write(try scenario.read("datasets/greetings.jsonl"), at: "datasets/none.jsonl")
        let prompt = try scenario.ftops("plan")
        #expect(prompt.errors.contains("bad-evaluation-prompt") && prompt.errors.contains("^"), "\(prompt.transcript)")
        let second = Scenario.manifest(extra: "").components(separatedBy: "---\n").last ?? ""
        let twice =
            Scenario.manifest() + "\n---\n" + second.replacingOccurrences(of: "name: greeter", with: "name: twin")
        try scenario.write(twice, at: "manifests/greeter.yaml")
        let warned = try scenario.ftops("plan")
        #expect(
            warned.status == 0 && warned.errors.contains("[same-training]\n  24 | apiVersion"),
            "\(warned.transcript)"
        )
    }

    @Test("data preview and render show what is trained on")
    func showsData() throws {
        let scenario = try Scenario()
        try scenario.writeManifests()
        let preview = try scenario.ftops("data", "preview", "greetings", "--row", "2")
        #expect(preview.status == 0 && preview.output.contains("Greet Guest 2:"), "\(preview.transcript)")
        let render = try scenario.ftops("data", "render", "greeter")
        #expect(render.output.split(separator: "\n").count == 16, "\(render.transcript)")
        let held = try scenario.ftops("data", "render", "greeter", "--validation")
        #expect(held.output.split(separator: "\n").count == 4, "\(held.transcript)")
        let written = try scenario.ftops("data", "render", "greeter", "--out", "rows.jsonl")
        #expect(written.errors == render.errors && written.output.isEmpty, "\(written.transcript)")
        #expect(try scenario.read("rows.jsonl") == render.output)
        let validation = try scenario.ftops("data", "render", "greeter", "--validation", "--out", "rows.jsonl")
        #expect(validation.errors == held.errors, "\(validation.transcript)")
        #expect(try scenario.read("rows.jsonl") == held.output)
    }

    @Test("data render leaves the file that --out names as it was where a row is bad, and writes over no folder")
    func rendersWhole() throws {
        let scenario = try Scenario()
        try scenario.writeManifests()
        try scenario.write("before", at: "out/rows.jsonl")
        let folder = try scenario.ftops("data", "render", "greeter", "--out", "out")
        #expect(folder.status == 64 && folder.errors.contains("out"), "\(folder.transcript)")
        try scenario.write(try scenario.read("datasets/greetings.jsonl") + "{}\n", at: "datasets/greetings.jsonl")
        let bad = try scenario.ftops("data", "render", "greeter", "--out", "out/rows.jsonl")
        #expect(bad.status == 1 && bad.errors.contains("datasets/greetings.jsonl:21"), "\(bad.transcript)")
        #expect(try scenario.read("out/rows.jsonl") == "before")
        let names = try FileManager.default.contentsOfDirectory(atPath: scenario.repository.path + "/out")
        #expect(names == ["rows.jsonl"])
    }

    @Test(
        "--out names a folder that is there, else the error names it",
        arguments: [["data", "render", "greeter"], ["plan"]]
    )
    func missingFolder(_ command: [String]) throws {
        let scenario = try Scenario()
        try scenario.writeManifests()
        let finished = try scenario.start(Scenario.executable.path, command + ["--out", "nodir/deep/x"]).wait()
        let words = "error: --out names nodir/deep/x, and there is no folder nodir/deep\n"
        #expect(finished.status == 64 && finished.errors.hasSuffix(words), "\(finished.transcript)")
        #expect(finished.output.isEmpty)
    }

    @Test("a remote that git does not know is an error at its line", arguments: ["plan", "status"])
    func unknownRemote(_ command: String) throws {
        let scenario = try Scenario()
        try scenario.writeManifests()
        let project = "apiVersion: ftops/v1\nkind: Project\nmetadata: {name: a}\nspec:\n  git: {remote: upstrem}\n"
        try scenario.write(project, at: "manifests/project.yaml")
        let finished = try scenario.ftops(command)
        let place = "manifests/project.yaml:5:17: error: Project names remote upstrem, which git does not know"
        #expect(finished.status == 1 && finished.errors.hasPrefix(place), "\(finished.transcript)")
        #expect(finished.errors.contains("5 |   git: {remote: upstrem}"), "\(finished.transcript)")
    }

    @Test("a bad row is reported with file and line before anything is trained")
    func reportsBadRows() throws {
        let scenario = try Scenario()
        try scenario.writeManifests()
        try scenario.write(
            try scenario.read("datasets/greetings.jsonl") + "{\"name\": \n",
            at: "datasets/greetings.jsonl"
        )
        try scenario.commit("Break a row")
        let apply = try scenario.ftops("apply", "--auto-approve")
        #expect(apply.status == 1)
        #expect(apply.errors.contains("datasets/greetings.jsonl:21"), "\(apply.transcript)")
        #expect(try scenario.quickLog().isEmpty)
    }

    @Test("versions, show, status and logs tell of a trained version")
    func tellsOfVersions() throws {
        let scenario = try Scenario.trained()
        #expect(try scenario.ftops("versions").output.contains("acme/greeter:1"))
        let shown = try scenario.ftops("show", "acme/greeter:1").output
        #expect(shown.contains("greeter") && shown.contains(#/cost +-\n/#) && !shown.contains("$"), "\(shown)")
        #expect(try scenario.ftops("versions", "--json").output.contains("\"cost\": null"))
        #expect(try scenario.ftops("show", "acme/greeter:7").status == 1)
        #expect(try scenario.ftops("status", "--all").output.contains("published"))
        #expect(try scenario.ftops("logs", "greeter").status == 0)
        #expect(try scenario.ftops("doctor").status == 0)
    }

    @Test("run and compare ask the version with its own template")
    func asks() throws {
        let scenario = try Scenario.trained()
        let run = try scenario.ftops("run", "acme/greeter", "--name", "Ann")
        #expect(run.status == 0 && !run.output.isEmpty, "\(run.transcript)")
        let missing = try scenario.ftops("run", "acme/greeter", "--nome", "Ann")
        #expect(missing.status == 64 && missing.errors.contains("--name"), "\(missing.transcript)")
        try scenario.write("Ann\n", at: "name.txt")
        let filed = try scenario.start(
            Scenario.executable.path,
            ["-C", "repository", "run", "acme/greeter", "--name", "@name.txt"],
            in: scenario.folder
        ).wait()
        #expect(filed.output == run.output, "\(filed.transcript)")
        let compare = try scenario.ftops("compare", "acme/greeter")
        #expect(compare.status == 0 && compare.output.contains("Greet Ann:"), "\(compare.transcript)")
        #expect(try scenario.ftops("compare", "acme/greeter", "--limit", "-1").status == 64)
    }

    @Test("a remote over HTTP is refused by apply, and named")
    func refusesHTTP() throws {
        let scenario = try Scenario()
        try scenario.writeManifests()
        try scenario.commit("Describe the greeter")
        try scenario.git("remote", "add", "origin", "https://git.example.org/acme/models.git")
        let apply = try scenario.ftops("apply", "--auto-approve")
        #expect(apply.status == 1 && apply.errors.contains("remote: none"), "\(apply.transcript)")
        #expect(try scenario.quickLog().isEmpty)
    }
}
