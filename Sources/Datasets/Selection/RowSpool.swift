//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import POSIX

/// Lines that are written once and read in any order: in memory while they are few, then in a file that has no name.
struct RowSpool {
    /// Bytes that are held in memory.
    private let limit: Int
    private var memory: [UInt8] = []
    private var file: (writing: OpenFile, reading: OpenFile)?
    /// How many bytes are in the file.
    private var written = 0

    init(limit: Int = 32 << 20) { self.limit = limit }

    /// Appends a line, and says where it is.
    mutating func append(_ line: ArraySlice<UInt8>) throws -> Int {
        let place = written + memory.count
        memory.append(contentsOf: line)
        if memory.count > limit { try flush() }
        return place
    }

    private mutating func flush() throws {
        let file = try self.file ?? Self.temporaryFile()
        self.file = file
        try file.writing.write(memory)
        written += memory.count
        memory.removeAll(keepingCapacity: true)
    }

    private static func temporaryFile() throws -> (writing: OpenFile, reading: OpenFile) {
        let folder = ProcessEnvironment.variables["TMPDIR"].flatMap { $0.hasPrefix("/") ? $0 : nil } ?? "/var/tmp"
        let path = "\(folder)/ftops-rows-\(RandomBytes.hex(12))"
        let writing = try OpenFile(path, .create, permissions: 0o600)
        let reading = try OpenFile(path, .read)
        try Folder.remove(path)
        return (writing, reading)
    }

    /// Appends a line to some bytes.
    func read(_ place: Int, count: Int, to out: inout [UInt8]) throws {
        if place >= written {
            out.append(contentsOf: memory[(place - written)..<(place - written + count)])
            return
        }
        guard let file else { return }
        let bytes = try file.reading.read(upTo: count, at: place)
        guard bytes.count == count else {
            throw DatasetError(.unreadable, "the temporary file of the rows ends too early")
        }
        out.append(contentsOf: bytes)
    }
}
