//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// A line that stands for a row that whoever cut the lines could not read or judge: a NUL, the reason, a NUL, and what
/// the row says.
///
/// So all that is wrong with rows goes one way, and is told together. A NUL begins no JSON.
enum RowMark {
    /// Appends a mark without a line feed; line feeds in it become spaces.
    static func write(_ reason: String, _ row: some Collection<UInt8>, to out: inout [UInt8]) {
        let start = out.count
        out.append(0)
        out.append(contentsOf: reason.utf8.filter { $0 != 0 })
        out.append(0)
        out.append(contentsOf: row.prefix(4096))
        for index in start..<out.count where out[index] == 0x0A { out[index] = 0x20 }
    }

    /// The reason and the row of a mark; nothing where the line is none.
    static func read(_ line: ArraySlice<UInt8>) -> (reason: String, row: ArraySlice<UInt8>)? {
        guard line.first == 0, let end = line.dropFirst().firstIndex(of: 0) else { return nil }
        let reason = line[(line.startIndex + 1)..<end]
        return (String(decoding: reason, as: UTF8.self), line[(end + 1)...])
    }
}
