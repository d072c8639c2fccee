//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// Files that are no rows at all, told by their first bytes.
enum FileSignature {
    static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    /// What a file is instead of rows and what to do about it, told by its first line that is not blank; nothing where
    /// it may be rows.
    static func complaint(about line: ArraySlice<UInt8>) -> String? {
        for (signature, complaint) in binary where line.starts(with: signature) { return complaint }
        let bare = line.drop { $0 == 0x20 || ($0 >= 0x09 && $0 <= 0x0D) }
        let text = String(decoding: bare.prefix(48), as: UTF8.self).lowercased()
        for (prefix, complaint) in textual where text.hasPrefix(prefix) { return complaint }
        let isList = text.hasPrefix("[{") || text.filter { !$0.isWhitespace } == "["
        let isSpread = isList || text.filter { !$0.isWhitespace } == "{"
        return isSpread ? "this is one JSON document and no JSON lines; write one object a line" : nil
    }

    private static let html = "this is an HTML page and no rows; download the file itself, by its raw URL"
    private static let xml = "this is an XML or HTML document and no rows; download the file of JSON lines itself"

    private static let binary: [(signature: [UInt8], complaint: String)] = [
        ([0x1F, 0x8B], "this is a gzip file; decompress it first"),
        ([0x28, 0xB5, 0x2F, 0xFD], "this is a zstd file; decompress it first"),
        (Array("BZh".utf8), "this is a bzip2 file; decompress it first"),
        ([0xFD] + Array("7zXZ".utf8), "this is an xz file; decompress it first"),
        ([0x50, 0x4B, 0x03, 0x04], "this is a zip file; unpack it first"),
        (Array("PAR1".utf8), "this is a Parquet file and no JSON lines"),
        ([0xFF, 0xFE], "this is UTF-16; save the file as UTF-8 without BOM"),
        ([0xFE, 0xFF], "this is UTF-16; save the file as UTF-8 without BOM"),
    ]

    private static let textual: [(prefix: String, complaint: String)] = [
        ("<!doctype", html),
        ("<html", html),
        ("<", xml),
        (
            "version https://git-lfs.github.com/spec",
            "this is a Git LFS pointer and not the file itself; run `git lfs pull`"
        ),
    ]
}
