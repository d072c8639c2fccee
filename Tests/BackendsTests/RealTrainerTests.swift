//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Artifacts
import Backends
import FtopsTestSupport
import Glibc
import JSON
import POSIX
import Resources
import Runs
import Testing

/// The real trainer takes its environment of some gigabytes and a base, so these run only where both are named.
private enum Real {
    static let trainer = ProcessEnvironment.variables["FTOPS_TEST_TRAINER"]
    static let base = ProcessEnvironment.variables["FTOPS_TEST_BASE"]
}

@Suite(
    "The node's backend, with the real trainer",
    .enabled(
        if: Real.trainer != nil && Real.base != nil,
        "FTOPS_TEST_TRAINER names no folder of a trainer, or FTOPS_TEST_BASE no folder of a small base"
    )
)
struct RealTrainerTests {
    let scratch: ScratchFolder

    init() throws { scratch = try ScratchFolder() }

    private func prepared(_ name: String) throws -> RunFolder {
        let folder = RunFolder(path: scratch.path(name))
        let own: [String: HyperparameterValue] = [
            "num_train_epochs": .integer(2), "train_batch_size": .integer(4), "learning_rate": .number(0.01),
            "save_steps": .integer(2),
        ]
        let job = Job(
            run: "3f9c1a2b7d10",
            fingerprint: try #require(Fingerprint(rawValue: "v1-" + String(repeating: "a", count: 64))),
            base: TrainerBase(source: .path(try #require(Real.base)), name: "tiny", identity: "tiny"),
            hasValidation: true,
            parameters: HyperparameterTable.resolved(own),
            device: .cpu,
            threads: 1,
            evaluation: .init(
                metrics: ["loss", "perplexity", "exact_match"],
                prompts: [.init(prompt: "one", completion: " two", label: "1")],
                stop: ["\n"],
                maxNewTokens: 8,
                validationRows: 2
            )
        )
        let rows: (Range<Int>) -> (RowWriter) throws -> Void = { range in
            { for index in range { try $0.write(#"{"prompt":"\#(index)","completion":" \#(index * 7)"}"#) } }
        }
        let lock = try #require(try folder.tryLock())
        try folder.prepare(.init(job: job, context: [:], train: rows(0..<40), validation: rows(40..<44)), holding: lock)
        return folder
    }

    private func node() throws -> NodeBackend {
        NodeBackend(
            launcher: TrainerLauncher(path: try #require(Real.trainer) + "/launch"),
            devices: [.cpu],
            deviceFolder: try DeviceLock.folder(environment: ["FTOPS_DEVICE_LOCKS": scratch.path("devices")])
        )
    }

    @Test("ends with the same bytes whether it was killed on the way or not")
    func resumes() throws {
        let whole = try prepared("whole")
        let expected = try node().carry(whole, notify: { _ in }) { false }
        guard case .completed(let digest) = expected else {
            Issue.record(
                "it completes, and does not end as \(expected): \(String(decoding: try FileContents.tail(whole.log, limit: 2000), as: UTF8.self))"
            )
            return
        }
        #expect(try whole.summary().training?.steps == 20)
        #expect(try whole.readEvaluation(digest: digest)?.answers.count == 1)

        let killed = try prepared("killed")
        var pid: Int32?
        var kills: Set<Int> = [3, 10]
        let outcome = try node().carry(
            killed,
            notify: { notice in
                if case .spawned(let number) = notice { pid = number }
                if case .event(let timed) = notice, case .step(let step) = timed.event, let pid,
                    kills.remove(step.step) != nil
                {
                    kill(pid, SIGKILL)
                }
            }
        ) { false }
        #expect(kills.isEmpty)
        #expect(try killed.summary().starts == 3)
        #expect(outcome == expected)
    }
}
