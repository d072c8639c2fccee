//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Git
import Packing

/// Reads the files of a folder by what is known of another state of it.
struct FolderReading<Value: Packable & Sendable> {
    typealias Folder = RememberedFolder<Value>

    let repository: GitRepository
    /// Whether a file is to be read, by its path and kind.
    var isWanted: (TreeFile) -> Bool = { _ in true }
    /// Reads a file.
    let read: (TreeFile) throws -> Value

    func folder(_ tree: ObjectID, at path: String, insteadOf other: Folder?) throws -> Folder {
        var bounds = TreeBounds()
        return try folder(tree, at: path, insteadOf: other, &bounds)
    }

    private func folder(
        _ tree: ObjectID,
        at path: String,
        insteadOf other: Folder?,
        _ bounds: inout TreeBounds
    ) throws -> Folder {
        if let other, other.id == tree { return other }
        let known = Dictionary((other?.entries ?? []).map { ($0.name, $0.entry) }) { first, _ in first }
        let entries = try repository.entries(of: tree).compactMap { entry in
            try self.entry(entry, at: "\(path)/\(entry.name)", insteadOf: known[entry.name], &bounds)
                .map { (entry.name, $0) }
        }
        return Folder(id: tree, entries: entries)
    }

    private func entry(
        _ entry: FolderEntry,
        at path: String,
        insteadOf other: Folder.Entry?,
        _ bounds: inout TreeBounds
    ) throws -> Folder.Entry? {
        try bounds.count(path)
        guard let kind = entry.kind else {
            var known: Folder?
            if case .folder(let folder)? = other { known = folder }
            return .folder(try folder(entry.id, at: path, insteadOf: known, &bounds))
        }
        let file = TreeFile(path: path, id: entry.id, kind: kind)
        guard isWanted(file) else { return nil }
        if case .file(let known)? = other, known.id == entry.id { return other }
        return .file(RememberedFile(id: entry.id, try read(file)))
    }
}
