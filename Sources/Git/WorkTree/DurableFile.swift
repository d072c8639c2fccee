//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Glibc

/// The few things that are done to files, each durable when it returns.
enum DurableFile {
    /// What a path is, without following a link.
    enum Kind {
        case nothing
        case file
        case folder
        case other
    }

    static func kind(_ path: String) throws(GitError) -> Kind {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            if errno == ENOENT || errno == ENOTDIR { return .nothing }
            throw GitError.system("look at \(path)")
        }
        switch status.st_mode & S_IFMT {
        case S_IFREG: return .file
        case S_IFDIR: return .folder
        default: return .other
        }
    }

    /// The bytes of a file; nothing where it is not there.
    static func read(_ path: String) throws(GitError) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else {
            if errno == ENOENT { return nil }
            throw GitError.system("read \(path)")
        }
        defer { close(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(file, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw GitError.system("read \(path)") }
            guard count > 0 else { return bytes }
            bytes += chunk[..<count]
        }
    }

    /// Writes a file that must not be there yet, or one that is replaced in place.
    static func write(_ bytes: [UInt8], to path: String, mode: mode_t, replacing: Bool = false) throws(GitError) {
        let file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | (replacing ? O_TRUNC : O_EXCL), mode)
        guard file >= 0 else { throw GitError.system("create \(path)") }
        defer { close(file) }
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw GitError.system("write \(path)") }
            written += count
        }
        guard fsync(file) == 0 else { throw GitError.system("write \(path)") }
    }

    /// Puts a file in place of another, or of nothing.
    static func move(_ path: String, over other: String) throws(GitError) {
        guard rename(path, other) == 0 else { throw GitError.system("move \(path) to \(other)") }
        try flush(folderOf: other)
    }

    /// Gives a file a second name, and says whether that was free.
    static func linkIfFree(_ path: String, as other: String) throws(GitError) -> Bool {
        guard link(path, other) == 0 else {
            if errno == EEXIST { return false }
            throw GitError.system("create \(other)")
        }
        try flush(folderOf: other)
        return true
    }

    /// Removes a file, where it is there.
    static func remove(_ path: String) throws(GitError) {
        guard unlink(path) != 0 else { return try flush(folderOf: path) }
        guard errno == ENOENT || errno == ENOTDIR else { throw GitError.system("remove \(path)") }
    }

    /// Waits until a file's content has reached the disk.
    static func flush(file path: String) throws(GitError) {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw GitError.system("open \(path)") }
        defer { close(file) }
        guard fsync(file) == 0 else { throw GitError.system("write \(path)") }
    }

    static func flush(folderOf path: String) throws(GitError) {
        let folder = Self.folder(of: path)
        let file = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard file >= 0 else { throw GitError.system("open \(folder)") }
        defer { close(file) }
        // Some file systems cannot flush a folder, and say so by EINVAL.
        guard fsync(file) == 0 || errno == EINVAL else { throw GitError.system("write \(folder)") }
    }

    static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
