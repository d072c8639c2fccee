//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Digest
internal import JSON
internal import Packing
internal import Resources

/// Remembers what a look at the beginning of a large file found, under the digest of those bytes, so that only what was
/// added to the file is looked at.
package struct InspectionMemory: Sendable {
    private let notes: NoteFolder

    /// Remembers in a folder of the cache, of a few files: of rows that are all different each has megabytes.
    package init(folder: String) {
        notes = NoteFolder(folder, NoteFolder.Bounds(partDigits: 0, notesInPart: 32, noteSize: 64 << 20))
    }

    /// What is looked at, and for what.
    struct Subject: Sendable {
        let dataset: Dataset
        let template: CompiledTemplate?
        let questions: [String]

        fileprivate func name(_ prefix: FilePrefix) -> String? {
            guard let program = NoteFolder.program else { return nil }
            let parts: [JSONValue] = [
                .string(program), .string(prefix.digest.rawValue), .string(prefix.length.description),
                dataset.recipe, template?.recipe ?? .null, .array(questions.map { .string($0) }),
            ]
            return SHA256Digest.of(CanonicalJSON.text(.array(parts))).hex
        }
    }

    /// What was found in the first bytes of a file.
    func recall(_ subject: Subject, _ prefix: FilePrefix) -> Standing<InspectionState>? {
        guard let name = subject.name(prefix), let bytes = notes.recallBytes(name) else { return nil }
        let found = Standing<InspectionState>(packed: bytes)
        return found?.prefix == prefix ? found : nil
    }

    /// Keeps what was found.
    func keep(_ standing: Standing<InspectionState>, _ subject: Subject) {
        if let name = subject.name(standing.prefix) { notes.keep(bytes: standing.packed, under: name) }
    }
}
