//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// Lines that are written once and read in any order: in memory while they are few, then in a file that has no name.
struct RowSpool {
    /// Bytes that are held in memory.
    private let limit: Int
    private var memory: [UInt8] = []
    private var file: UnnamedFile?
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
        let file = try self.file ?? UnnamedFile()
        self.file = file
        try file.append(memory)
        written += memory.count
        memory.removeAll(keepingCapacity: true)
    }

    /// Appends a line to some bytes.
    func read(_ place: Int, count: Int, to out: inout [UInt8]) throws {
        if place >= written {
            out.append(contentsOf: memory[(place - written)..<(place - written + count)])
            return
        }
        guard let file else { return }
        out.append(contentsOf: try file.read(place, count: count))
    }
}
