//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Artifacts
internal import Ledger
internal import POSIX
package import Resources

extension VersionService {
    /// The name of the record among a version's files, where these lie for themselves.
    private static let recordName = "version.yaml"

    /// Copies a version's files, and its record as `version.yaml`, into a folder, which is made where it is missing.
    ///
    /// - Throws: where the store lacks a file or has it damaged, and where the folder has another file of such a name;
    ///   nothing that was there is replaced.
    package func pull(
        _ version: VersionRecord,
        into folder: String,
        tell: (VersionRecord.File) -> Void = { _ in }
    ) throws {
        let text = VersionRecordCodec.text(version)
        let record = folder + "/" + Self.recordName
        let there = try FileContents.readIfPresent(record)
        guard there.map({ $0.elementsEqual(text.utf8) }) ?? true else {
            throw ReconcilerError(
                .occupied,
                "\(record) is of another version: name another folder, or remove that one"
            )
        }
        try store.copy(version.weights, into: folder, tell: tell)
        if there == nil { try DurableFile.write(text, to: record) }
    }
}
