//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Digest
package import JSON
internal import POSIX

/// Small documents of the cache by name, the oldest of which make room for new ones.
///
/// The folder may be deleted at any time; a note is put in place whole, so that processes side by side and killed ones
/// do no harm. One that is damaged is none: each ends with its digest.
package struct NoteFolder: Sendable {
    /// How much is kept.
    package struct Bounds: Sendable {
        /// Digits of a name that tell the part of the folder.
        var partDigits: Int
        /// Notes that each part has at most.
        var notesInPart: Int
        /// Bytes that a note has at most.
        var noteSize: Int

        /// Makes bounds; a folder of few notes needs no parts.
        package init(partDigits: Int = 2, notesInPart: Int = 64, noteSize: Int = 1 << 20) {
            (self.partDigits, self.notesInPart, self.noteSize) = (partDigits, notesInPart, noteSize)
        }
    }

    private let folder: String
    private let bounds: Bounds

    /// Keeps notes in a folder.
    package init(_ folder: String) { self.init(folder, Bounds()) }

    /// Keeps notes of some number and size.
    package init(_ folder: String, _ bounds: Bounds) { (self.folder, self.bounds) = (folder, bounds) }

    /// What tells this build of the program from others, which may find out other things; nothing where nobody knows.
    package static var program: String? { SourceIdentity(path: "/proc/self/exe")?.text }

    /// The note of a name, which is a digest's; nothing where there is none that can be read.
    package func recall(_ name: String) -> JSONValue? {
        recallBytes(name).flatMap { try? JSONParser.parse($0) }
    }

    /// Keeps a note; where it cannot be kept the next one finds the same out again.
    package func keep(_ note: JSONValue, under name: String) {
        keep(bytes: Array(JSONText.compact(note).utf8), under: name)
    }

    /// The bytes of a note.
    func recallBytes(_ name: String) -> ArraySlice<UInt8>? {
        let limit = bounds.noteSize + Self.endSize
        guard let bytes = try? FileContents.readIfPresent(path(of: name), limit: limit), bytes.count > Self.endSize
        else {
            return nil
        }
        let note = bytes.dropLast(Self.endSize)
        return bytes.suffix(Self.endSize).elementsEqual(Self.end(of: note)) ? note : nil
    }

    /// Keeps bytes.
    func keep(bytes: [UInt8], under name: String) {
        guard bytes.count <= bounds.noteSize else { return }
        let path = path(of: name)
        let part = Folder.parent(of: path)
        do {
            try Folder.make(part)
            try evict(from: part)
            let pending = try PendingFile(for: path)
            try pending.file.write(bytes)
            try pending.file.write(Self.end(of: bytes[...]))
            try pending.replace()
        } catch {
            return
        }
    }

    /// A line feed and the digest of what stands before.
    private static func end(of note: ArraySlice<UInt8>) -> [UInt8] {
        var hasher = SHA256Hasher()
        hasher.update(note)
        return [0x0A] + Array(hasher.finalize().hex.utf8)
    }

    private static let endSize = 65

    private func path(of name: String) -> String {
        let part = bounds.partDigits == 0 ? "" : name.prefix(bounds.partDigits) + "/"
        return "\(folder)/\(part)\(name.dropFirst(bounds.partDigits)).note"
    }

    /// Makes room for one more note where there are many, at the cost of the oldest.
    private func evict(from part: String) throws {
        let names = try Folder.names(in: part)
        guard names.count >= bounds.notesInPart else { return }
        let aged = names.compactMap { name in (try? FileStatus.of(part + "/" + name))?.map { (name, $0.changed) } }
        for (name, _) in aged.sorted(by: { $0.1 < $1.1 }).prefix(names.count - bounds.notesInPart / 2) {
            try Folder.remove(part + "/" + name)
        }
    }
}
