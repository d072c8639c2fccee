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
    static func complaint(about line: ArraySlice<UInt8>, in file: String) -> String? {
        if let complaint = foreign(line, in: file) { return complaint }
        let text = start(of: line)
        let isList = text.hasPrefix("[{") || text.filter { !$0.isWhitespace } == "["
        let isSpread = isList || text.filter { !$0.isWhitespace } == "{"
        if isSpread { return "this is one JSON document and no JSON lines; write one object a line" }
        return HeaderLine(line).map { header in
            "this is no JSON but reads like the first line of \(header.kind.uppercased()): name the file so that it ends "
                + "in .\(header.kind), or say `format: \(header.kind)`"
        }
    }

    /// What a file is that is made of no text, or of other text than rows of any format.
    static func foreign(_ line: ArraySlice<UInt8>, in file: String) -> String? {
        if line.starts(with: zip) { return archive(line, in: file) }
        for (signature, complaint) in binary where line.starts(with: signature) { return complaint }
        // Latin letters in UTF-16, without a mark before them.
        let pairs = Array(line.prefix(4)).map { $0 == 0 }
        if pairs == [false, true, false, true] || pairs == [true, false, true, false] { return wide }
        let text = start(of: line)
        for (prefix, complaint) in textual where text.hasPrefix(prefix) { return complaint }
        return nil
    }

    private static func start(of line: ArraySlice<UInt8>) -> String {
        let bare = line.drop { $0 == 0x20 || ($0 >= 0x09 && $0 <= 0x0D) }
        return String(decoding: bare.prefix(48), as: UTF8.self).lowercased()
    }

    private static let zip: [UInt8] = [0x50, 0x4B, 0x03, 0x04]

    /// Spreadsheets are zip files; the name tells, or the name of the first file inside.
    private static func archive(_ line: ArraySlice<UInt8>, in file: String) -> String {
        let isNamed = [".xlsx", ".xlsm", ".ods", ".numbers"].contains { file.lowercased().hasSuffix($0) }
        let inside = String(decoding: line.dropFirst(30).prefix(24), as: UTF8.self)
        let isSheet =
            isNamed || ["[Content_Types].xml", "xl/", "mimetypeapplication"].contains { inside.hasPrefix($0) }
        return isSheet
            ? "this is a spreadsheet; export it as CSV, and name that file"
            : "this is a zip file; unpack it first"
    }

    private static let html = "this is an HTML page and no rows; download the file itself, by its raw URL"
    private static let xml = "this is an XML or HTML document and no rows; download the file of rows itself"
    private static let wide = "this is UTF-16; save the file as UTF-8"

    private static let binary: [(signature: [UInt8], complaint: String)] = [
        ([0x1F, 0x8B], "this is a gzip file; decompress it first"),
        ([0x28, 0xB5, 0x2F, 0xFD], "this is a zstd file; decompress it first"),
        (Array("BZh".utf8), "this is a bzip2 file; decompress it first"),
        ([0xFD] + Array("7zXZ".utf8), "this is an xz file; decompress it first"),
        (
            [0xD0, 0xCF, 0x11, 0xE0],
            "this is a spreadsheet or document of Office; export it as CSV, and name that file"
        ),
        (Array("PAR1".utf8), "this is a Parquet file; take out `format`, or say `format: parquet`"),
        ([0xFF, 0xFE], wide),
        ([0xFE, 0xFF], wide),
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

/// A line that names fields with something between them, as the first of a CSV file does.
struct HeaderLine {
    /// `csv` or `tsv`.
    let kind: String

    private static let longest = 500

    /// Nothing where a line is more than a few names.
    init?(_ line: ArraySlice<UInt8>) {
        let bytes = line.last == 0x0D ? line.dropLast() : line
        guard bytes.count <= Self.longest, let separator = [0x09, 0x2C, 0x3B].first(where: bytes.contains) else {
            return nil
        }
        let names = bytes.split(separator: separator, omittingEmptySubsequences: false)
        guard names.allSatisfy(Self.isName) else { return nil }
        kind = separator == 0x09 ? "tsv" : "csv"
    }

    private static func isName(_ bytes: ArraySlice<UInt8>) -> Bool {
        let isQuoted = bytes.count > 2 && bytes.first == 0x22 && bytes.last == 0x22
        let name = String(decoding: isQuoted ? bytes.dropFirst().dropLast() : bytes, as: UTF8.self).unicodeScalars
        return name.contains { $0.properties.isAlphabetic }
            && name.allSatisfy {
                $0.properties.isAlphabetic || $0.properties.numericType != nil || " _-.#/()".unicodeScalars.contains($0)
            }
    }
}
