//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Digest
package import JSON
package import POSIX
internal import Resources

extension RunFolder {
    /// What a run's folder is filled with.
    package struct Inputs {
        /// The job.
        package var job: Job
        /// What the supervisor has to know; the folder only keeps it.
        package var context: JSONValue
        /// Writes the rows to train on.
        package var train: (RowWriter) throws -> Void
        /// Writes the rows to validate on; nothing where the job has none.
        package var validation: ((RowWriter) throws -> Void)?
        /// Lays the files of the adapter that training goes on from into the folder that it is given, which is the one
        /// that the job's base names as `RunFolder.parentName`; nothing where training starts from the base itself.
        package var parent: ((String) throws -> Void)?

        /// Makes inputs.
        package init(
            job: Job,
            context: JSONValue,
            train: @escaping (RowWriter) throws -> Void,
            validation: ((RowWriter) throws -> Void)?,
            parent: ((String) throws -> Void)? = nil
        ) {
            self.job = job
            self.context = context
            self.train = train
            self.validation = validation
            self.parent = parent
        }
    }

    /// The digests of the rows as they lie in a run's folder.
    package struct Rows: Hashable, Sendable {
        /// Those to train on.
        package let train: SHA256Digest
        /// Those to validate on.
        package let validation: SHA256Digest?
    }

    /// Fills the folder, and does so again where it was filled before: equal rows stay as they are, others are refused
    /// once the folder is prepared. Each file appears whole, and the job last. Only the holder of `run.lock` may.
    @discardableResult
    package func prepare(_ inputs: Inputs, holding lock: FileLock) throws -> Rows {
        defer { withExtendedLifetime(lock) {} }
        if isPrepared, let old = try? readJob()["fingerprint"]?.string, old != inputs.job.fingerprint.rawValue {
            throw RunsError(.inputsDiffer, "\(path) belongs to another fingerprint (\(old)): move it away")
        }
        let rows = Rows(
            train: try put(train, inputs.train),
            validation: try inputs.validation.map { try put(validation, $0) }
        )
        try inputs.parent?(parent)
        try replace(context, by: inputs.context)
        try replace(job, by: inputs.job.json)
        return rows
    }

    /// Puts what the supervisor has to know in place of what was there. Only the holder of `run.lock` may.
    package func replaceContext(_ value: JSONValue, holding lock: FileLock) throws {
        defer { withExtendedLifetime(lock) {} }
        try replace(context, by: value)
    }

    private func put(_ target: String, _ rows: (RowWriter) throws -> Void) throws -> SHA256Digest {
        let pending = try PendingFile(for: target)
        let writer = RowWriter(pending.file)
        try rows(writer)
        let digest = try writer.finish()
        guard isPrepared else {
            try pending.commit()
            return digest
        }
        guard try FileStatus.of(target) != nil, try SHA256Digest.of(file: target) == digest else {
            throw RunsError(
                .inputsDiffer,
                "\(target) holds other rows than this run was asked to train on: move \(path) away and apply again"
            )
        }
        return digest
    }

    private func replace(_ target: String, by value: JSONValue) throws {
        let bytes = Array(JSONText.pretty(value).utf8)
        if try FileContents.readIfPresent(target) != bytes { try DurableFile.write(bytes, to: target) }
    }
}

extension SHA256Digest {
    /// The digest of a file's bytes.
    package static func of(file path: String) throws -> SHA256Digest {
        var hasher = SHA256Hasher()
        try FileContents.forEachPart(of: path) { hasher.update($0) }
        return hasher.finalize()
    }
}
