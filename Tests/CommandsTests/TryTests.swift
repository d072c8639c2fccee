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

@Suite("Trying a training")
struct TryTests {
    /// A greeter that is described and not committed, with as many guests as there are numbers, one of them with a long
    /// name.
    private func scenario(guests: Int = 24, hyperparameters: String = "{train_batch_size: 2}") throws -> Scenario {
        let scenario = try Scenario()
        try scenario.writeManifests(hyperparameters: hyperparameters)
        let rows = (1...guests).map(Scenario.row).joined()
        let long = #"{"name": "the \#(String(repeating: "very ", count: 60))last guest", "greeting": "Hello!"}"#
        try scenario.write(rows + long + "\n", at: "datasets/greetings.jsonl")
        return scenario
    }

    private func figures(_ scenario: Scenario) throws -> (trial: JSONValue, transcript: String) {
        let apply = try scenario.ftops("apply", "--try", "--json")
        let json = try JSONParser.parse(apply.output)
        return (try #require(json["trials"]?.array?.first, "\(apply.transcript)"), apply.transcript)
    }

    /// The job and the rows that a trial which is under way was given.
    private func given(_ scenario: Scenario, _ name: String) throws -> String {
        let trials = scenario.folder.appending(path: "state/trials")
        let names = try FileManager.default.contentsOfDirectory(atPath: trials.path).filter { !$0.hasSuffix(".json") }
        let file = trials.appending(path: try #require(names.first)).appending(path: name)
        return try String(contentsOf: file, encoding: .utf8)
    }

    @Test("measures some steps, makes no version, claims nothing, and lets the next plan estimate by them")
    func measures() throws {
        let scenario = try scenario()
        let before = try scenario.ftops("plan").output
        #expect(before.contains("time unknown"))
        let (trial, transcript) = try figures(scenario)
        #expect(trial["tokens_per_second"]?.double == 400 && trial["steps"] == 6, "\(transcript)")
        #expect((trial["first_loss"]?.double ?? 0) > (trial["last_loss"]?.double ?? 9), "\(transcript)")
        #expect(trial["peak_memory"] == 1_048_576 && trial["estimate"]?["basis"] == "tried", "\(transcript)")
        #expect(try scenario.git("for-each-ref") == "" && scenario.git("status", "--porcelain").contains("manifests"))
        let plan = try scenario.ftops("plan").output
        #expect(plan.contains("(as 6 steps of it took)") && !plan.contains("time unknown"), "\(plan)")
        let trials = scenario.folder.appending(path: "state/trials").path
        #expect(try FileManager.default.contentsOfDirectory(atPath: trials).count == 1)
        let table = try scenario.ftops("apply", "--try")
        #expect(table.status == 0 && table.output.contains("the whole training"), "\(table.transcript)")
        #expect(table.output.contains(#/greeter +6 +3\.[0-9]+ -> 0\.[0-9]+ +400 +1\.0 MB +~/#), "\(table.transcript)")
    }

    @Test("gives the trainer no more steps and rows than 50 steps take, the longest among them")
    func sample() throws {
        let scenario = try scenario(guests: 400)
        let gate = scenario.folder.appending(path: "gate")
        let apply = try scenario.startFtops("apply", "--try", environment: ["FTOPS_QUICK_GATE": gate.path])
        #expect(try scenario.waits { try scenario.quickLog().contains { $0.contains("started") } })
        let job = try JSONParser.parse(try given(scenario, "job.json"))
        #expect(job["parameters"]?["max_steps"] == 50 && job["evaluation"] == .null)
        let rows = try given(scenario, "train.jsonl").split(separator: "\n")
        #expect((100...102).contains(rows.count) && Set(rows).count == rows.count, "\(rows.count)")
        #expect(rows.contains { $0.contains("last guest") })
        #expect(rows.contains { $0.contains("Guest 39") } && rows.contains { $0.contains("Guest 11") })
        #expect(try given(scenario, "validation.jsonl").split(separator: "\n").count == 4)
        try scenario.openGate()
        #expect(apply.wait().status == 0)
    }

    @Test("a failure is told with its class, exit 1 and the log, and the next trial starts anew")
    func fails() throws {
        let scenario = try scenario()
        scenario.environment["FTOPS_QUICK_FAIL"] = "memory:8 GB are not enough"
        let apply = try scenario.ftops("apply", "--try")
        #expect(apply.status == 1 && apply.output.contains("failed (memory)"), "\(apply.transcript)")
        #expect(apply.errors.contains("greeter: memory: 8 GB are not enough; see /"), "\(apply.transcript)")
        #expect(try scenario.ftops("plan").output.contains("time unknown"))
        scenario.environment["FTOPS_QUICK_FAIL"] = nil
        #expect(try scenario.ftops("apply", "--try").status == 0)
    }

    @Test("an interrupt stops the trainer and leaves nothing")
    func interrupted() throws {
        let scenario = try scenario()
        let gate = scenario.folder.appending(path: "gate").path
        let apply = try scenario.startFtops("apply", "--try", environment: ["FTOPS_QUICK_GATE": gate])
        #expect(try scenario.waits { try scenario.quickLog().contains { $0.contains("started") } })
        kill(apply.processID, SIGINT)
        let ended = apply.wait()
        #expect(ended.status == 130 && ended.output.contains("stopped"), "\(ended.transcript)")
        let trials = scenario.folder.appending(path: "state/trials").path
        #expect(try FileManager.default.contentsOfDirectory(atPath: trials).isEmpty)
    }

    @Test("tries nothing where nothing is to be trained, and goes with no other wish")
    func refuses() throws {
        let scenario = try Scenario.trained()
        let apply = try scenario.ftops("apply", "--try")
        #expect(apply.status == 0 && apply.output.contains("Nothing to try"), "\(apply.transcript)")
        for wish in ["--wait", "--retry-failed", "plan.json"] {
            #expect(try scenario.ftops("apply", "--try", wish).status == 64, "\(wish)")
        }
    }
}
