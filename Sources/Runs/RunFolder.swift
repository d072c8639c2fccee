//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import JSON
package import POSIX

/// A run's folder on this machine: what the trainer is asked, what it tells, and what it leaves.
package struct RunFolder: Hashable, Sendable {
    /// The folder's path, named by the run's id.
    package let path: String

    /// Makes a folder's value from its path; nothing on the disk changes.
    package init(path: String) { self.path = path }

    static let trainName = "train.jsonl"
    static let validationName = "validation.jsonl"
    /// The folder in a run's folder of the adapter that training goes on from.
    package static let parentName = "parent"

    /// The run's id.
    package var id: String { Folder.name(of: path) }
    /// What the trainer is asked; it is written last, so where it is the inputs are whole.
    package var job: String { path + "/job.json" }
    /// What the supervisor has to know.
    package var context: String { path + "/run.json" }
    /// The rows to train on.
    package var train: String { path + "/" + Self.trainName }
    /// The rows to validate on.
    package var validation: String { path + "/" + Self.validationName }
    /// The adapter that training goes on from.
    package var parent: String { path + "/" + Self.parentName }
    /// What the trainer tells, a JSON object a line.
    package var events: String { path + "/events.jsonl" }
    /// What the trainer prints.
    package var log: String { path + "/train.log" }
    /// What the supervisor prints.
    package var supervisorLog: String { path + "/supervisor.log" }
    /// The trained weights.
    package var output: String { path + "/output" }
    /// How base and version were judged.
    package var evaluation: String { path + "/evaluation.json" }
    /// How the training ended; written once.
    package var done: String { path + "/done" }

    /// Whether the inputs are there, and whole.
    package var isPrepared: Bool { FileStatus.isFile(job) }

    /// Makes the folder where it is missing.
    package func make() throws(POSIXError) { try Folder.make(path) }

    /// Takes `run.lock`, which whoever does anything to the run holds; nothing where another does.
    package func tryLock() throws(POSIXError) -> FileLock? {
        try make()
        return try FileLock.tryAcquire(path + "/run.lock")
    }

    /// Whether nobody is at the run on this machine.
    package func isFree() throws(POSIXError) -> Bool {
        guard let lock = try tryLock() else { return false }
        withExtendedLifetime(lock) {}
        return true
    }

    /// The lock that all processes of the trainer hold.
    package var trainerLock: String { path + "/trainer.lock" }

    /// What the supervisor has to know, as it was handed to `prepare`.
    package func readContext() throws -> JSONValue { try Self.readJSON(context) }

    /// The job as it was written.
    package func readJob() throws -> JSONValue { try Self.readJSON(job) }

    /// The kind of the device that the job was made for.
    package func readDevice() throws -> Device.Kind {
        guard let kind = try readJob()["device"]?.string.flatMap(Device.Kind.init(rawValue:)) else {
            throw RunsError(.unreadable, "\(job) names no device that ftops knows")
        }
        return kind
    }

    static func readJSON(_ path: String) throws -> JSONValue {
        do {
            return try JSONParser.parse(try FileContents.read(path)[...])
        } catch let error as JSONError {
            throw RunsError(.unreadable, "\(path) is no JSON: \(error.message) at byte \(error.offset)")
        }
    }
}
