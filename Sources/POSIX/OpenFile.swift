//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import CPOSIX
internal import Glibc
internal import Synchronization

/// An open descriptor, closed when the last who holds it lets go; never inherited unless a child is given it.
package final class OpenFile: Sendable {
    /// How a file is opened.
    package enum Mode: Hashable, Sendable {
        /// For reading; it has to be there.
        case read
        /// For appending; made where it is missing.
        case append
        /// For writing from its start; made where missing, emptied where not.
        case write
        /// For writing; it must not be there.
        case create
    }

    private let number: Atomic<Int32>
    /// The path that it was opened by, for messages.
    package let path: String

    init(descriptor: Int32, path: String) {
        number = Atomic(descriptor)
        self.path = path
    }

    deinit { close() }

    /// The descriptor; -1, which the kernel refuses, once it is closed.
    var descriptor: Int32 { number.load(ordering: .acquiring) }

    /// Closes it now, whoever else holds it; needed for the end of a pipe that only a child is to have.
    package func close() {
        let old = number.exchange(-1, ordering: .acquiringAndReleasing)
        if old >= 0 { _ = Glibc.close(old) }
    }

    /// Opens a file.
    package convenience init(_ path: String, _ mode: Mode, permissions: UInt32 = 0o644) throws(POSIXError) {
        let flags: Int32
        switch mode {
        case .read: flags = O_RDONLY
        case .append: flags = O_WRONLY | O_APPEND | O_CREAT
        case .write: flags = O_WRONLY | O_TRUNC | O_CREAT
        case .create: flags = O_WRONLY | O_EXCL | O_CREAT
        }
        try self.init(path, flags: flags, permissions: permissions)
    }

    convenience init(_ path: String, flags: Int32, permissions: UInt32 = 0o644) throws(POSIXError) {
        let descriptor = uninterrupted { open(path, flags | O_CLOEXEC, permissions) }
        guard descriptor >= 0 else { throw .last("cannot open", path: path) }
        self.init(descriptor: descriptor, path: path)
    }

    /// Reads at most so many bytes from where the last read ended; none at the end.
    package func read(upTo count: Int) throws(POSIXError) -> [UInt8] {
        try bytes(upTo: count) { Glibc.read(descriptor, $0.baseAddress, $0.count) }
    }

    /// Reads at most so many bytes from an offset; none at the end.
    package func read(upTo count: Int, at offset: Int) throws(POSIXError) -> [UInt8] {
        try bytes(upTo: count) { pread(descriptor, $0.baseAddress, $0.count, off_t(offset)) }
    }

    private func bytes(
        upTo count: Int,
        _ read: (UnsafeMutableBufferPointer<UInt8>) -> Int
    ) throws(POSIXError) -> [UInt8] {
        var got = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            got = uninterrupted { read(buffer) }
            filled = max(got, 0)
        }
        guard got >= 0 else { throw .last("cannot read", path: path) }
        return bytes
    }

    /// Writes all of the bytes.
    package func write(_ bytes: ArraySlice<UInt8>) throws(POSIXError) {
        var rest = bytes
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { buffer in
                uninterrupted { Glibc.write(descriptor, buffer.baseAddress, buffer.count) }
            }
            guard written >= 0 else { throw .last("cannot write", path: path) }
            rest = rest.dropFirst(written)
        }
    }

    /// Writes all of the bytes.
    package func write(_ bytes: [UInt8]) throws(POSIXError) { try write(bytes[...]) }

    /// Waits until what was written has reached the disk.
    package func synchronize() throws(POSIXError) {
        guard uninterrupted({ fsync(descriptor) }) == 0 else { throw .last("cannot flush", path: path) }
    }

    /// Sets who may read and write the file, whatever the process's mask says.
    package func setPermissions(_ permissions: UInt32) throws(POSIXError) {
        guard fchmod(descriptor, permissions) == 0 else { throw .last("cannot set the permissions of", path: path) }
    }

    /// The file's size in bytes.
    package func size() throws(POSIXError) -> Int {
        var found = stat()
        guard fstat(descriptor, &found) == 0 else { throw .last("cannot look at", path: path) }
        return Int(found.st_size)
    }

    /// A file in memory with these bytes, read from its start: a child's input that needs no one to feed it.
    package static func holding(_ bytes: [UInt8]) throws(POSIXError) -> OpenFile {
        let descriptor = cposix_memory_file()
        guard descriptor >= 0 else { throw .last("cannot make a file in memory") }
        let file = OpenFile(descriptor: descriptor, path: "memory")
        try file.write(bytes)
        guard lseek(descriptor, 0, SEEK_SET) == 0 else { throw .last("cannot rewind a file in memory") }
        return file
    }

    /// The two ends of a new pipe, for reading and for writing.
    package static func pipe() throws(POSIXError) -> (reading: OpenFile, writing: OpenFile) {
        var ends: [Int32] = [-1, -1]
        guard cposix_pipe(&ends) == 0 else { throw .last("cannot make a pipe") }
        return (OpenFile(descriptor: ends[0], path: "a pipe"), OpenFile(descriptor: ends[1], path: "a pipe"))
    }
}
