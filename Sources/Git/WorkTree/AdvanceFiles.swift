//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import CGit2
internal import Glibc

/// Puts the files of an advance in place, and takes them back; at each moment a path holds the old or the new content
/// wholly, and nothing else that turns up there is lost.
struct AdvanceFiles {
    let repository: GitRepository
    let note: AdvanceNote

    func makeFolders() throws(GitError) {
        for folder in note.folders {
            guard mkdir(note.place(folder), 0o777) == 0 || errno == EEXIST else {
                throw GitError.system("create \(note.place(folder))")
            }
            try DurableFile.flush(folderOf: note.place(folder))
        }
    }

    func removeFolders() {
        for folder in note.folders.reversed() { rmdir(note.place(folder)) }
    }

    /// Puts the new content at a path, or removes it there.
    func install(_ index: Int) throws(GitError) {
        let item = note.items[index]
        switch (item.before, item.change.new) {
        case (.new, _), (.absent, .none): return
        case (.absent, .some(let new)):
            // A file that the user deleted stays deleted.
            if item.change.old == nil { try create(new, index) }
        case (.old, .some(let new)): try replace(item.change.old, by: new, index)
        case (.old, .none): try delete(item.change.old, index)
        }
    }

    /// Takes back what was put at a path, where it is still there.
    func takeBack(_ index: Int) throws(GitError) {
        let item = note.items[index]
        let current = try id(at: index)
        switch (item.before, item.change.old, item.change.new) {
        case (.absent, .none, .some(let new)) where current == new.id: try delete(new, index)
        case (.old, .some(let old), .some(let new)) where current == new.id: try replace(new, by: old, index)
        case (.old, .some(let old), .none) where current == nil: try create(old, index)
        default: return
        }
    }

    /// Removes what an advance left beside a path; content that is neither old nor new is the user's, and goes back.
    func clear(_ index: Int) throws(GitError) {
        try DurableFile.remove(note.part(of: index))
        let swap = note.swap(of: index)
        guard try DurableFile.kind(swap) == .file else { return }
        let change = note.items[index].change
        let known = [change.old?.id, change.new?.id].compactMap { $0 }
        let place = note.place(change.path)
        if known.contains(try repository.hash(ofFileAt: swap, as: change.path)) {
            try DurableFile.remove(swap)
        } else if try DurableFile.kind(place) == .nothing {
            try DurableFile.move(swap, over: place)
        } else if let current = try id(at: index), known.contains(current), cgit2_exchange(swap, place) == 0 {
            try DurableFile.remove(swap)
        }
    }

    private func id(at index: Int) throws(GitError) -> ObjectID? {
        let path = note.items[index].change.path
        guard try DurableFile.kind(note.place(path)) == .file else { return nil }
        return try repository.hash(ofFile: path)
    }

    private func create(_ entry: TreeEntry, _ index: Int) throws(GitError) {
        try stage(entry, index)
        guard try DurableFile.linkIfFree(note.swap(of: index), as: note.place(note.items[index].change.path)) else {
            throw inTheWay(index)
        }
        try DurableFile.remove(note.swap(of: index))
    }

    /// The two change places, so that an edit of the last moment is seen and put back.
    private func replace(_ old: TreeEntry?, by new: TreeEntry, _ index: Int) throws(GitError) {
        try stage(new, index)
        let (swap, place) = (note.swap(of: index), note.place(note.items[index].change.path))
        guard cgit2_exchange(swap, place) == 0 else {
            guard errno == EINVAL || errno == ENOSYS, try id(at: index) == old?.id else { throw inTheWay(index) }
            return try DurableFile.move(swap, over: place)
        }
        try DurableFile.flush(folderOf: place)
        guard try repository.hash(ofFileAt: swap, as: note.items[index].change.path) == old?.id else {
            try clear(index)
            throw inTheWay(index)
        }
        try DurableFile.remove(swap)
    }

    private func delete(_ old: TreeEntry?, _ index: Int) throws(GitError) {
        let (swap, place) = (note.swap(of: index), note.place(note.items[index].change.path))
        try DurableFile.move(place, over: swap)
        guard try repository.hash(ofFileAt: swap, as: note.items[index].change.path) == old?.id else {
            try clear(index)
            throw inTheWay(index)
        }
        try DurableFile.remove(swap)
    }

    /// Writes the content wholly beside the path.
    private func stage(_ entry: TreeEntry, _ index: Int) throws(GitError) {
        try DurableFile.remove(note.part(of: index))
        let bytes = try repository.content(of: entry.id, for: note.items[index].change.path)
        try DurableFile.write(bytes, to: note.part(of: index), mode: entry.isExecutable ? 0o777 : 0o666)
        try DurableFile.move(note.part(of: index), over: note.swap(of: index))
    }

    private func inTheWay(_ index: Int) -> GitError {
        let path = note.items[index].change.path
        return GitError(.pathInTheWay, "\(path) changed just now; move it away or commit it, then try again")
    }
}

extension GitRepository {
    /// A blob as a file of the work tree: with the line ends that git's configuration asks for.
    func content(of id: ObjectID, for path: String) throws(GitError) -> [UInt8] {
        var raw = id.raw
        let blob = try made("read blob \(id)") { git_blob_lookup($0, pointer, &raw) }
        defer { git_blob_free(blob) }
        var options = git_blob_filter_options()
        try check(git_blob_filter_options_init(&options, UInt32(GIT_BLOB_FILTER_OPTIONS_VERSION)), "read \(path)")
        // The look for binary files, which is on by itself, gives nothing at all of one.
        options.flags = 0
        var buffer = git_buf()
        defer { git_buf_dispose(&buffer) }
        try check(git_blob_filter(&buffer, blob, path, &options), "read \(path)")
        return Array(UnsafeRawBufferPointer(start: buffer.ptr, count: buffer.size))
    }
}
