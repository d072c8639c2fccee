//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Foundation
import FtopsTestSupport
import Testing

@Suite("init with the user's own rows")
struct InitDataTests {
    private let scenario: Scenario

    init() throws {
        scenario = try Scenario()
        scenario.repository = scenario.folder.appending(path: "own")
        try FileManager.default.createDirectory(at: scenario.repository, withIntermediateDirectories: true)
    }

    private static func csv(_ header: String, separator: String = ",") -> String {
        header + "\n" + (1...40).map { "\($0)\(separator)How much is \($0)?\(separator)It is \($0).\n" }.joined()
    }

    private func plan() throws -> Finished {
        #expect(try scenario.ftops("fmt", "--check").status == 0)
        let valid = try scenario.ftops("validate")
        #expect(valid.status == 0, "\(valid.transcript)")
        return try scenario.ftops("plan")
    }

    /// The questions of the README's walk.
    private static let faq: String = {
        let answers = [
            ("How do I reset my password?", "Choose Forgot password, and follow the link that we mail you."),
            ("Where is my invoice?", "Every invoice is under Account, Billing."),
            ("Can I change my plan?", "Yes, at any time, under Account, Plan."),
            ("Do you ship to Norway?", "Yes, within five working days."),
        ]
        let rows = (1...240).map { number in
            let (question, answer) = answers[number % 4]
            return "\(number),\"\(question) Order \(4000 + number * 7).\",\"\(answer)\"\n"
        }
        return "id,question,answer\n" + rows.joined()
    }()

    @Test("makes of a CSV a fine-tune that is planned by two commands, as the README has it")
    func walks() throws {
        try scenario.write(Self.faq, at: "faq.csv")
        let made = try scenario.ftops("init", "--data", "faq.csv")
        #expect(made.status == 0, "\(made.transcript)")
        let planned = try plan()
        #expect(planned.errors == "")
        let manifest = try scenario.read("manifests/faq.yaml")
        let typed = ["$ ftops init --data faq.csv", "$ cat manifests/faq.yaml", "$ ftops plan", "…"]
        let printed =
            [made.errors, made.output, manifest, planned.output].joined()
            .split(separator: "\n").map(String.init) + typed
        let readme = try String(contentsOf: Scenario.package.appending(path: "README.md"), encoding: .utf8)
        let walk = try #require(readme.split(separator: "```").first { $0.contains("$ ftops init --data") })
        for line in walk.split(separator: "\n") { #expect(printed.contains(String(line)), "\(line)") }
        for step in made.errors.split(separator: "\n").filter({ $0.hasPrefix("  ftops data") }) {
            let words = step.split(separator: " ").dropFirst().map(String.init)
            #expect(try scenario.start(Scenario.executable.path, words).wait().status == 0, "\(step)")
        }
        #expect(try scenario.ftops("init", "--data", "faq.csv").errors.contains("a dataset faq already"))
    }

    @Test(
        "reads what there is: any format, any name",
        arguments: [
            ("rows.tsv", csv("n\tfrage\tantwort", separator: "\t"), "rows"),
            ("Q & A (2026).CSV", csv("n;Frage;Antwort", separator: ";"), "q-a-2026"),
            ("in/deep er/x.jsonl", String(repeating: #"{"q": "a", "a": "b"}"# + "\n", count: 12), "x"),
            ("list.json", #"[{"q": "a", "a": "b"}, {"q": "c", "a": "d"}]"#, "list"),
            ("project.jsonl", #"{"prompt": "p", "completion": "c"}"# + "\n", "project-data"),
            ("#- 'x': {y}\u{202E}.csv", csv("n,a b,\"c\"\"d\""), "x-y"),
            ("データ.jsonl", #"{"text": "t"}"# + "\n", "data"),
            (
                "talk.jsonl", #"{"turns": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}"#,
                "talk"
            ),
        ]
    )
    func files(path: String, text: String, name: String) throws {
        try scenario.write(text, at: path)
        let made = try scenario.ftops("init", "--data", path)
        #expect(made.status == 0, "\(made.transcript)")
        #expect(made.output.contains("wrote manifests/\(name).yaml\n"), "\(made.transcript)")
        #expect(!made.output.contains("wrote datasets"))
        let planned = try plan()
        #expect(planned.output.contains("+ create  \(name) -> local/\(name)"), "\(planned.transcript)")
    }

    @Test("reads Parquet too", .enabled(if: Scenario.hasRealTrainer, "the trainer's environment is not there"))
    func parquet() throws {
        let python = try scenario.useRealTrainer()
        let script = """
            import pyarrow, pyarrow.parquet
            table = pyarrow.table({"question": [f"How much is {n}?" for n in range(20)], "answer": ["much"] * 20})
            pyarrow.parquet.write_table(table, "rows.parquet")
            """
        #expect(try scenario.start(python, ["-c", script]).wait().status == 0)
        #expect(try scenario.ftops("init", "--data", "rows.parquet").status == 0)
        #expect(try plan().output.contains("18 + 2 validation"))
    }

    @Test("adds a fine-tune beside what is there, and changes none of it")
    func adds() throws {
        try scenario.write(Self.csv("id,question,answer"), at: "faq.csv")
        #expect(try scenario.ftops("init", "--data", "faq.csv").status == 0)
        let before = try files()
        try scenario.write(Self.csv("n\tfrage\tantwort", separator: "\t"), at: "../Fragen.tsv")
        let made = try scenario.ftops("init", "--data", "../Fragen.tsv")
        let wrote = "wrote manifests/fragen.yaml\nwrote datasets/fragen.tsv\n"
        #expect(made.status == 0 && made.output == wrote, "\(made.transcript)")
        #expect(made.errors.contains("antwort is learned on gemma3-270m"), "\(made.transcript)")
        let planned = try plan()
        for name in ["faq", "fragen"] {
            #expect(planned.output.contains("+ create  \(name) -> local/\(name)"), "\(planned.transcript)")
        }
        let after = try files()
        for (path, text) in before { #expect(after[path] == text, "\(path)") }
    }

    private func files() throws -> [String: Data] {
        let paths = try FileManager.default.subpathsOfDirectory(atPath: scenario.repository.path)
            .filter { !$0.hasPrefix(".git/") }
        return paths.reduce(into: [:]) { all, path in
            all[path] = try? Data(contentsOf: scenario.repository.appending(path: path))
        }
    }

    @Test("trains on the base that the others train on, and brings one where there is none")
    func bases() throws {
        #expect(try scenario.ftops("init").status == 0)
        try scenario.write(Scenario.manifest(), at: "manifests/orders.yaml")
        try scenario.write(Self.csv("id,question,answer"), at: "faq.csv")
        let made = try scenario.ftops("init", "--data", "faq.csv")
        #expect(made.status == 0 && made.errors.contains("learned on quick"), "\(made.transcript)")
        #expect(try scenario.read("manifests/faq.yaml").contains("  base: quick\n"))
        for path in ["faq", "orders", "base-models"] {
            try FileManager.default.removeItem(at: scenario.repository.appending(path: "manifests/\(path).yaml"))
        }
        let alone = try scenario.ftops("init", "--data", "faq.csv")
        #expect(alone.output == "wrote manifests/base-models.yaml\nwrote manifests/faq.yaml\n", "\(alone.transcript)")
        #expect(try plan().output.contains("+ create  faq -> local/faq"))
    }

    @Test(
        "refuses a name that is taken with where it is, and takes another one",
        arguments: [
            ("greetings", "there is a dataset greetings already (manifests/a.yaml:1)"),
            ("greet", "there is a template greet already (manifests/a.yaml:8)"),
            ("greeter", "there is a fine-tune greeter already (manifests/a.yaml:"),
            ("guest", "there is a model guest already (manifests/a.yaml:"),
            ("quick", "there is a base model quick already (manifests/a.yaml:"),
            ("a", "manifests/a.yaml is there already; move it out of the way, or say --name"),
        ]
    )
    func clashes(name: String, words: String) throws {
        try scenario.write(Scenario.manifest(destination: "guest"), at: "manifests/a.yaml")
        try scenario.write(Self.csv("id,question,answer"), at: "\(name).csv")
        let refused = try scenario.ftops("init", "--data", "\(name).csv")
        #expect(refused.status == 1 && refused.errors.contains(words), "\(refused.transcript)")
        #expect(refused.errors.contains("--name"), "\(refused.transcript)")
        let named = try scenario.ftops("init", "--data", "\(name).csv", "--name", "faq")
        #expect(named.status == 0 && named.output.contains("wrote manifests/faq.yaml\n"), "\(named.transcript)")
        #expect(try scenario.ftops("validate").status == 0)
        #expect(try scenario.ftops("init", "--data", "\(name).csv", "--name", "a b").status == 64)
    }

    @Test("copies a file from elsewhere, and runs from any folder")
    func elsewhere() throws {
        scenario.repository = scenario.folder
        try scenario.write(Self.csv("id,question,answer"), at: "My Faq.csv")
        let made = try scenario.ftops("init", "-C", "own", "--data", scenario.folder.path + "/My Faq.csv")
        #expect(made.status == 0 && made.output.hasSuffix("wrote datasets/my-faq.csv\n"), "\(made.transcript)")
        scenario.repository = scenario.folder.appending(path: "own")
        #expect(try plan().output.contains("36 + 4 validation"))
    }

    @Test(
        "writes nothing where rows cannot be read or learned, or something is in the way, and says what",
        arguments: [
            ("a.csv", "", "has no rows"), ("b.csv", "question,answer\n", "has no rows"),
            ("c.csv", "a,b\n1\n", "bad row"), ("d.csv", "id,x\n1,\n", "can be learned"),
            ("e.csv", "a.b,c{d}\nx,y\n", "can be learned"), ("f.jsonl", "<!DOCTYPE html>\n", "bad row"),
            ("manifests/mine.yaml", "a: 1\n", "mend them first"), ("none.csv/x", "", "is no file"),
        ]
    )
    func refuses(path: String, text: String, message: String) throws {
        try scenario.write(text, at: path)
        let name = path.hasPrefix("manifests") ? "g.csv" : path.hasSuffix("/x") ? "none.csv" : path
        if name == "g.csv" { try scenario.write(Self.csv("id,question,answer"), at: name) }
        let refused = try scenario.ftops("init", "--data", name)
        #expect(refused.status == 1 && refused.errors.contains(message), "\(refused.transcript)")
        let files = try FileManager.default.subpathsOfDirectory(atPath: scenario.repository.path)
        #expect(!files.contains { $0.hasSuffix("README.md") || $0.hasPrefix(".ftops") }, "\(files)")
    }
}
