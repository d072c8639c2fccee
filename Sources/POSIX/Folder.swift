//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Glibc

/// Folders, and moving and removing what is in them.
package enum Folder {
    /// Makes a folder and its parents where they are missing; those that it makes are this user's alone unless told
    /// otherwise.
    package static func make(_ path: String, permissions: UInt32 = 0o700) throws(POSIXError) {
        if mkdir(path, permissions) == 0 { return flush(above: path) }
        let error = POSIXError.last("cannot make the folder", path: path)
        if error.code == EEXIST, FileStatus.isFolder(path) { return }
        let above = parent(of: path)
        guard error.code == ENOENT, above != path else { throw error }
        try make(above, permissions: permissions)
        guard mkdir(path, permissions) == 0 || (errno == EEXIST && FileStatus.isFolder(path)) else {
            throw .last("cannot make the folder", path: path)
        }
        flush(above: path)
    }

    /// A new folder is as lasting as its name in the one above, which may be one that this user cannot list or flush.
    private static func flush(above path: String) { try? synchronize(parent(of: path)) }

    /// Makes a folder that must not be there, in one that is.
    package static func makeNew(_ path: String, permissions: UInt32 = 0o700) throws(POSIXError) {
        guard mkdir(path, permissions) == 0 else { throw .last("cannot make the folder", path: path) }
    }

    /// Sets who may use a folder, whatever the process's mask says.
    package static func setPermissions(_ path: String, _ permissions: UInt32) throws(POSIXError) {
        guard chmod(path, permissions) == 0 else { throw .last("cannot set the permissions of", path: path) }
    }

    /// The names in a folder, sorted by their bytes; none where there is no folder.
    package static func names(in path: String) throws(POSIXError) -> [String] {
        guard let stream = opendir(path) else {
            let error = POSIXError.last("cannot list", path: path)
            if error.isMissing { return [] }
            throw error
        }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }
    }

    /// The files below a folder by their path in it, sorted by their bytes; symbolic links are not followed.
    package static func files(below path: String) throws(POSIXError) -> [String] {
        try entries(below: path).filter { $0.kind == .file }.map(\.path)
    }

    /// Whatever is below a folder and no folder itself, sorted by the bytes of its path in it; symbolic links are not
    /// followed.
    package static func entries(below path: String) throws(POSIXError) -> [(path: String, kind: FileStatus.Kind)] {
        var entries: [(path: String, kind: FileStatus.Kind)] = []
        for name in try names(in: path) {
            guard let status = try FileStatus.of(path + "/" + name, followingLinks: false) else { continue }
            guard status.kind == .folder else {
                entries.append((name, status.kind))
                continue
            }
            entries += try self.entries(below: path + "/" + name).map { (name + "/" + $0.path, $0.kind) }
        }
        return entries.sorted { Array($0.path.utf8).lexicographicallyPrecedes(Array($1.path.utf8)) }
    }

    /// Removes a file, a link, or a folder with all that is in it; nothing happens where there is nothing.
    package static func remove(_ path: String) throws(POSIXError) {
        guard let status = try FileStatus.of(path, followingLinks: false) else { return }
        guard status.kind == .folder else {
            guard unlink(path) == 0 || errno == ENOENT else { throw .last("cannot remove", path: path) }
            return
        }
        for name in try names(in: path) { try remove(path + "/" + name) }
        guard rmdir(path) == 0 || errno == ENOENT else { throw .last("cannot remove", path: path) }
    }

    /// Gives a file or folder another name, in place of a file that is there.
    package static func move(_ path: String, to target: String) throws(POSIXError) {
        guard rename(path, target) == 0 else { throw .last("cannot move \(path) to", path: target) }
    }

    /// Gives a file a second name, without copying it.
    package static func link(_ path: String, to target: String) throws(POSIXError) {
        guard Glibc.link(path, target) == 0 else { throw .last("cannot link \(path) to", path: target) }
    }

    /// Waits until the folder's names have reached the disk.
    package static func synchronize(_ path: String) throws(POSIXError) {
        try OpenFile(path, flags: O_RDONLY | O_DIRECTORY).synchronize()
    }

    /// The folder that holds a path, by the path's text.
    package static func parent(of path: String) -> String {
        let trimmed = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        guard let slash = trimmed.lastIndex(of: "/") else { return "." }
        return slash == trimmed.startIndex ? "/" : String(trimmed[..<slash])
    }

    /// The last part of a path, by the path's text.
    package static func name(of path: String) -> String {
        String(path.split(separator: "/", omittingEmptySubsequences: true).last ?? "/")
    }

    /// The path with every link resolved and without `.` and `..`; nothing where there is nothing.
    package static func resolved(_ path: String) -> String? {
        guard let found = realpath(path, nil) else { return nil }
        defer { free(found) }
        return String(cString: found)
    }

    /// What a symbolic link says; nothing where the path is none.
    package static func linkTarget(_ path: String) -> String? {
        var bytes = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink(path, &bytes, bytes.count)
        guard count > 0 else { return nil }
        return String(decoding: bytes.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// The working directory.
    package static var current: String {
        guard let found = getcwd(nil, 0) else { return "/" }
        defer { free(found) }
        return String(cString: found)
    }
}
