//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import JSON
internal import POSIX

/// Small documents of the cache by name, the oldest of which make room for new ones.
///
/// The folder may be deleted at any time; a note is put in place whole, so that processes side by side and killed ones
/// do no harm.
package struct NoteFolder: Sendable {
    private let folder: String
    /// Notes that each of the 256 parts of the folder has at most.
    private let notesInPart: Int
    /// Bytes that a note has at most.
    private static let noteLimit = 1 << 20

    /// Keeps notes in a folder.
    package init(_ folder: String, notesInPart: Int = 64) {
        self.folder = folder
        self.notesInPart = notesInPart
    }

    /// What tells this build of the program from others, which may find out other things; nothing where nobody knows.
    package static var program: String? { SourceIdentity(path: "/proc/self/exe")?.text }

    /// The note of a name, which is a digest's; nothing where there is none that can be read.
    package func recall(_ name: String) -> JSONValue? {
        guard let bytes = try? FileContents.readIfPresent(path(of: name), limit: Self.noteLimit) else { return nil }
        return try? JSONParser.parse(bytes[...])
    }

    /// Keeps a note; where it cannot be kept the next one finds the same out again.
    package func keep(_ note: JSONValue, under name: String) {
        let bytes = Array(JSONText.compact(note).utf8)
        guard bytes.count <= Self.noteLimit else { return }
        let path = path(of: name)
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

    private func path(of name: String) -> String { "\(folder)/\(name.prefix(2))/\(name.dropFirst(2)).json" }

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
