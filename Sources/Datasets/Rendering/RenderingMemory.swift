//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Digest
internal import JSON
internal import Resources

/// Remembers what rendering a source found out, so that a second plan reads no data.
///
/// What is known of a source holds as long as size, times, inode and file system of its files stay, as git's index has
/// it: a file that changed just before it was read may change again without a trace, so nothing is remembered of it. A
/// note belongs to the program that wrote it and to the dataset and template as they are.
///
/// Of a large file it also keeps where rendering stood at the end of the last line, with the digest of all bytes before.
/// So a file that has grown is digested up to there, as nothing else proves that it is the same, and rendered from there.
package struct RenderingMemory: Sendable {
    private let notes: NoteFolder
    /// Bytes of whole lines from which on a file is worth that.
    let smallest: Int
    /// The time in nanoseconds since 1970.
    private let now: @Sendable () -> Int64

    /// How long a file has to have been left alone: more than the steps in which any file system counts time.
    private static let settling: Int64 = 2_000_000_000

    /// Remembers in a folder of the cache.
    package init(
        folder: String,
        notesInPart: Int = 64,
        smallest: Int = 1 << 20,
        now: @escaping @Sendable () -> Int64
    ) {
        var bounds = NoteFolder.Bounds()
        bounds.notesInPart = notesInPart
        notes = NoteFolder(folder, bounds)
        self.smallest = smallest
        self.now = now
    }

    /// What a note is filed under.
    struct Key: Hashable, Sendable {
        fileprivate let name: String
    }

    /// The key of a dataset's rows as its files are now; nothing where they have to be read or have just changed.
    func key(
        _ dataset: Dataset,
        _ template: CompiledTemplate?,
        _ source: RowSource,
        _ validation: RowSource?
    ) -> Key? {
        let settled = now() - Self.settling
        guard let program = NoteFolder.program,
            let rows = source.identity, rows.changed < settled
        else { return nil }
        var parts: [JSONValue] = [
            .string(program), .string(rows.text), dataset.recipe, template?.recipe ?? .null,
        ]
        if let validation {
            guard let other = validation.identity, other.changed < settled else { return nil }
            parts.append(.string(other.text))
        }
        let text = CanonicalJSON.text(.array(parts))
        return Key(name: SHA256Digest.of(text).hex)
    }

    /// What is known under a key.
    func recall(_ key: Key) -> RenderedFacts? {
        notes.recall(key.name).flatMap(RenderedFacts.init(json:))
    }

    /// Keeps what was found; where it cannot be kept the next one finds it again.
    func keep(_ facts: RenderedFacts, under key: Key) { notes.keep(facts.json, under: key.name) }

    /// The key of a dataset's rows in a file, whatever the file's bytes are.
    func standingKey(_ dataset: Dataset, _ template: CompiledTemplate?, path: String) -> Key? {
        guard let program = NoteFolder.program else { return nil }
        let parts: [JSONValue] = [
            .string("standing"), .string(program), .string(path), dataset.recipe, template?.recipe ?? .null,
        ]
        return Key(name: SHA256Digest.of(CanonicalJSON.text(.array(parts))).hex)
    }

    /// Where rendering stood at the end of the file's last line.
    func recallStanding(_ key: Key) -> Standing<RenderingState>? {
        notes.recallBytes(key.name).flatMap { Standing(packed: $0) }
    }

    /// Keeps where it stands.
    func keep(_ standing: Standing<RenderingState>, under key: Key) {
        notes.keep(bytes: standing.packed, under: key.name)
    }
}
