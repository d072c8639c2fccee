//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Digest
internal import JSON
internal import POSIX
internal import Resources

/// Remembers what rendering a source found out, so that a second plan reads no data.
///
/// What is known of a source holds as long as size, times, inode and file system of its files stay, as git's index has
/// it: a file that changed just before it was read may change again without a trace, so nothing is remembered of it. A
/// note belongs to the program that wrote it and to the dataset and template as they are. The folder may be deleted at
/// any time; a note is put in place whole, so that processes side by side and killed ones do no harm.
package struct RenderingMemory: Sendable {
    private let folder: String
    /// The time in nanoseconds since 1970.
    private let now: @Sendable () -> Int64

    /// How long a file has to have been left alone: more than the steps in which any file system counts time.
    private static let settling: Int64 = 2_000_000_000
    /// Notes that each of the 256 parts of the folder has at most.
    private let notesInPart: Int
    /// Bytes that a note has at most.
    private static let noteLimit = 1 << 20

    /// Remembers in a folder of the cache.
    package init(folder: String, notesInPart: Int = 64, now: @escaping @Sendable () -> Int64) {
        self.folder = folder
        self.notesInPart = notesInPart
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
        guard let program = SourceIdentity(path: "/proc/self/exe"),
            let rows = source.identity, rows.changed < settled
        else { return nil }
        var parts = [program.text, rows.text, "\(dataset)", template.map { "\($0)" } ?? ""]
        if let validation {
            guard let other = validation.identity, other.changed < settled else { return nil }
            parts.append(other.text)
        }
        let text = CanonicalJSON.text(.array(parts.map { .string($0) }))
        return Key(name: SHA256Digest.of(text).hex)
    }

    /// What is known under a key.
    func recall(_ key: Key) -> RenderedFacts? {
        guard let bytes = try? FileContents.readIfPresent(path(of: key), limit: Self.noteLimit) else { return nil }
        return (try? JSONParser.parse(bytes[...])).flatMap(RenderedFacts.init(json:))
    }

    /// Keeps what was found; where it cannot be kept the next one finds it again.
    func keep(_ facts: RenderedFacts, under key: Key) {
        let bytes = Array(JSONText.compact(facts.json).utf8)
        guard bytes.count <= Self.noteLimit else { return }
        let path = path(of: key)
        let part = Folder.parent(of: path)
        do {
            try Folder.make(part)
            try evict(from: part)
            let pending = try PendingFile(for: path)
            try pending.file.write(bytes)
            try pending.replace()
        } catch {
            return
        }
    }

    private func path(of key: Key) -> String { "\(folder)/\(key.name.prefix(2))/\(key.name.dropFirst(2)).json" }

    /// Makes room for one more note where there are many, at the cost of the oldest.
    private func evict(from part: String) throws {
        let names = try Folder.names(in: part)
        guard names.count >= notesInPart else { return }
        let aged = names.compactMap { name in (try? FileStatus.of(part + "/" + name))?.map { (name, $0.changed) } }
        for (name, _) in aged.sorted(by: { $0.1 < $1.1 }).prefix(names.count - notesInPart / 2) {
            try Folder.remove(part + "/" + name)
        }
    }
}
