//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import CGit2

/// Looks whether a work tree can follow its branch to a commit with nothing of the user's in the way.
struct AdvanceCheck {
    let repository: GitRepository
    let workTree: String
    let branch: String
    let old: ObjectID
    let new: ObjectID

    /// What is to be done at each path, and the folders that are to be made; throws where something is in the way.
    func items() throws(GitError) -> (items: [AdvanceNote.Item], folders: [String]) {
        try checkState()
        let index = try IndexFile(at: "\(repository.gitDirectory)/index")
        var items: [AdvanceNote.Item] = []
        var (inTheWay, staged, folders): ([String], [String], [String]) = ([], [], [])
        for change in try repository.changes(from: old, to: new) {
            let entry = index.entry(at: change.path)
            let isOurs = entry == change.old.indexEntry || entry == change.new.indexEntry
            if !isOurs { staged.append(change.path) }
            if let before = try before(change, folders: &folders) {
                items.append(AdvanceNote.Item(change: change, before: before))
            } else {
                inTheWay.append(change.path)
            }
        }
        guard inTheWay.isEmpty else { throw Self.blocked(inTheWay, "of the work tree in the way of the new commit") }
        guard staged.isEmpty else { throw Self.blocked(staged, "staged otherwise than the new commit has it") }
        return (items, folders)
    }

    private func checkState() throws(GitError) {
        if let operation = repository.operationUnderWay {
            throw GitError(
                .operationUnderWay,
                "a \(operation) is under way in \(workTree); finish it or end it by `git \(operation) --abort`"
            )
        }
        guard try repository.head == .branch(name: branch, commit: old) else {
            throw GitError(
                .branchMoved,
                "HEAD of \(workTree) is no longer on \(branch) at \(old.short); bring the new commit here by `git pull`"
            )
        }
    }

    /// What lies at a path; nothing where it is neither the older commit's nor the newer one's.
    private func before(_ change: TreeChange, folders: inout [String]) throws(GitError) -> AdvanceNote.Before? {
        guard try checkFolders(of: change, folders: &folders) else { return nil }
        switch try DurableFile.kind("\(workTree)/\(change.path)") {
        case .nothing: return .absent
        case .folder, .other: return nil
        case .file:
            let id = try repository.hash(ofFile: change.path)
            if let new = change.new, id == new.id { return .new }
            if let old = change.old, id == old.id { return .old }
            return nil
        }
    }

    /// Whether everything above a path is a folder or can become one; a link to a folder is neither.
    private func checkFolders(of change: TreeChange, folders: inout [String]) throws(GitError) -> Bool {
        var folder = ""
        for part in change.path.split(separator: "/").dropLast() {
            folder += folder.isEmpty ? String(part) : "/\(part)"
            switch try DurableFile.kind("\(workTree)/\(folder)") {
            case .folder: continue
            case .file, .other: return false
            case .nothing:
                // A file that the user deleted with its folder stays deleted.
                if change.old == nil, !folders.contains(folder) { folders.append(folder) }
            }
        }
        return true
    }

    private static func blocked(_ paths: [String], _ state: String) -> GitError {
        let more = paths.count > 5 ? " and \(paths.count - 5) more" : ""
        let names = paths.prefix(5).joined(separator: ", ") + more
        return GitError(.pathInTheWay, "\(names): \(state); move it away or commit it, then try again")
    }
}

extension TreeEntry? {
    /// What the index has where this is what is committed.
    var indexEntry: IndexFile.Entry { map { .staged($0.id) } ?? .absent }
}

extension GitRepository {
    /// The blob that a file of the work tree would become, by git's own filters.
    func hash(ofFile path: String) throws(GitError) -> ObjectID {
        var raw = git_oid()
        let place = "\(workTree ?? gitDirectory)/\(path)"
        try check(git_repository_hashfile(&raw, pointer, place, GIT_OBJECT_BLOB, path), "read \(place)")
        return ObjectID(raw)
    }

    /// The blob that bytes of a file elsewhere would become at a path.
    func hash(ofFileAt place: String, as path: String) throws(GitError) -> ObjectID {
        var raw = git_oid()
        try check(git_repository_hashfile(&raw, pointer, place, GIT_OBJECT_BLOB, path), "read \(place)")
        return ObjectID(raw)
    }
}
