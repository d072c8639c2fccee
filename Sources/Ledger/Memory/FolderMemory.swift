//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Git
import POSIX
import Packing
import Synchronization

/// What the files of one folder of commits were read as, by the folder's tree.
///
/// A tree says which files there are and what they hold, so that one that was read before needs no look at any of them.
/// Of another one only those folders and files are read in which it differs from one that is remembered.
final class FolderMemory<Value: Packable & Sendable>: Sendable {
    typealias Folder = RememberedFolder<Value>

    /// A process that lives long sees one tree after the other, and needs the last ones.
    private static var limit: Int { 4 }

    private let kind: ReadingMemory.Kind
    private let memory: ReadingMemory?
    /// The newest folder of an earlier process, which takes a while to unpack where there are thousands of values.
    private let earlier: Background<Folder?>?
    private let known = Mutex<[Folder]>([])

    init(_ kind: ReadingMemory.Kind, _ memory: ReadingMemory?) {
        self.kind = kind
        self.memory = memory
        earlier = memory.map { memory in Background { memory.newest(kind) } }
    }

    /// The folder at a path of a commit, its files read; nothing where no folder is there.
    func folder(
        at path: String,
        of commit: ObjectID,
        _ reading: FolderReading<Value>
    ) throws -> Folder? {
        guard let tree = try reading.repository.folder(at: path, in: commit) else { return nil }
        let before = known.withLock { $0 }
        if let folder = before.first(where: { $0.id == tree }) { return folder }
        let key = ReadingMemory.Key(tree.words.0, tree.words.1, UInt64(tree.words.2))
        let earlier = earlier.flatMap { $0.value }
        if let earlier, earlier.id == tree {
            memory?.markUsed(kind, key)
            return remember(earlier)
        }
        if let folder: Folder = memory?.recall(kind, key), folder.id == tree { return remember(folder) }
        let folder = try reading.folder(tree, at: path, insteadOf: before.first ?? earlier)
        memory?.keep(kind, key, folder)
        return remember(folder)
    }

    private func remember(_ folder: Folder) -> Folder {
        known.withLock { known in
            known.removeAll { $0.id == folder.id }
            known = Array(([folder] + known).prefix(Self.limit))
        }
        return folder
    }
}
