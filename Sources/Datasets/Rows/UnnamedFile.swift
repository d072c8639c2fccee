//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import POSIX

/// A temporary file without a name, which goes away with the last who holds it.
struct UnnamedFile: Sendable {
    private let writing: OpenFile
    private let reading: OpenFile

    /// Makes one in `$TMPDIR`, else in `/var/tmp`, which is on a disk where `/tmp` may be memory.
    init() throws {
        let folder = ProcessEnvironment.variables["TMPDIR"].flatMap { $0.hasPrefix("/") ? $0 : nil } ?? "/var/tmp"
        let path = "\(folder)/ftops-rows-\(RandomBytes.hex(12))"
        writing = try OpenFile(path, .create, permissions: 0o600)
        reading = try OpenFile(path, .read)
        try Folder.remove(path)
    }

    /// Writes bytes behind those that are there.
    func append(_ bytes: [UInt8]) throws { try writing.write(bytes) }

    /// Reads so many bytes at a place.
    func read(_ place: Int, count: Int) throws -> [UInt8] {
        let bytes = try reading.read(upTo: count, at: place)
        guard bytes.count == count else {
            throw DatasetError(.unreadable, "the temporary file of the rows ends too early")
        }
        return bytes
    }
}
