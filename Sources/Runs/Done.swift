//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import JSON
package import POSIX
package import Resources

/// How a training ended for good: the run folder's `done`, which is read before anything is started again.
package struct Done: Hashable, Sendable {
    /// What came out.
    package enum Outcome: Hashable, Sendable {
        /// The weights are there; the digest is that of their files.
        case completed(ContentDigest)
        /// It failed, with the failure's class and what happened.
        case failed(kind: String, message: String)
    }

    /// What came out.
    package let outcome: Outcome
    /// How the trainer's last process ended; nothing where none was started.
    package let exit: ProcessEnd?
    /// When this was written.
    package let time: Timestamp

    /// Makes an end.
    package init(outcome: Outcome, exit: ProcessEnd?, time: Timestamp) {
        self.outcome = outcome
        self.exit = exit
        self.time = time
    }
}

extension RunFolder {
    /// How the training ended; nothing while it has not.
    package func readDone() throws -> Done? {
        guard FileStatus.isFile(done) else { return nil }
        let value = try Self.readJSON(done)
        guard let done = Done(value) else {
            throw RunsError(.unreadable, "\(done) is not what ftops wrote there: remove it, and the run goes on")
        }
        return done
    }

    /// Writes how the training ended; on the disk when it returns.
    package func write(_ done: Done) throws { try DurableFile.write(JSONText.pretty(done.json), to: self.done) }

    /// Makes room for another attempt at a run that failed: its end is forgotten and its events are put aside.
    /// A fresh one starts from the base again, else from the last checkpoint. Only the holder of `run.lock` may.
    package func forgetEnd(fresh: Bool, holding lock: FileLock) throws {
        defer { withExtendedLifetime(lock) {} }
        if fresh {
            for name in try Folder.names(in: path) where !Self.kept.contains(name) {
                try Folder.remove(path + "/" + name)
            }
        }
        try Folder.remove(done)
        try Folder.synchronize(path)
    }

    /// What a fresh attempt starts with: the inputs, the logs and the locks.
    private static let kept: Set<String> = [
        "job.json", "run.json", trainName, validationName, "train.log", "supervisor.log", "run.lock", "trainer.lock",
        "trainer.json", "supervisor.json", "done",
    ]
}

extension Done {
    var json: JSONValue {
        var object = JSONObject()
        object["format"] = 1
        switch outcome {
        case .completed(let digest):
            object["class"] = "completed"
            object["digest"] = .string(digest.rawValue)
        case .failed(let kind, let message):
            object["class"] = .string(kind)
            object["message"] = .string(message)
        }
        switch exit {
        case .exited(let code): object["exit"] = .int(Int(code))
        case .signaled(let number): object["signal"] = .int(Int(number))
        case nil: break
        }
        object["time"] = .string(time.description)
        return .object(object)
    }

    init?(_ value: JSONValue) {
        guard value["format"]?.int == 1, let kind = value["class"]?.string,
            let time = value["time"]?.string.flatMap({ Timestamp($0) })
        else { return nil }
        if kind == "completed" {
            guard let digest = value["digest"]?.string.flatMap({ ContentDigest(rawValue: $0) }) else { return nil }
            outcome = .completed(digest)
        } else {
            outcome = .failed(kind: kind, message: value["message"]?.string ?? "")
        }
        let code = value["exit"]?.int.flatMap { Int32(exactly: $0) }
        let signal = value["signal"]?.int.flatMap { Int32(exactly: $0) }
        exit = code.map { .exited($0) } ?? signal.map { .signaled($0) }
        self.time = time
    }
}
