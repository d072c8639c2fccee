//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Compression
internal import Resources

extension RowFormat {
    /// Tells a file's format by its name and its first bytes, decompressed and behind a mark; nothing where neither says.
    ///
    /// The name decides for CSV and TSV, which no byte tells; else the bytes decide, as many a `.json` has JSON lines.
    static func tell(name: String, start: [UInt8]) -> RowFormat? {
        if start.starts(with: Array("PAR1".utf8)) { return .parquet }
        switch ending(of: name) {
        case "csv": return .csv
        case "tsv", "tab": return .tsv
        default: break
        }
        return start.first { $0 != 0x20 && !(0x09...0x0D).contains($0) } == UInt8(ascii: "[") ? .json : .jsonl
    }

    /// The ending that says the format: not that of a compression, and of an address not the query.
    private static func ending(of name: String) -> String {
        let path = name.contains("://") ? name.prefix { $0 != "?" && $0 != "#" } : name[...]
        var parts = path.split(separator: "/").last.map { $0.lowercased().split(separator: ".") } ?? []
        if let last = parts.last, ["gz", "gzip", "zst", "zstd"].contains(last) { parts.removeLast() }
        return parts.count > 1 ? String(parts[parts.count - 1]) : ""
    }
}
