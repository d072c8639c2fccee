//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import POSIX

extension TrainerLauncher {
    /// Writes the rows of a Parquet file to another one, an object of JSON a line and no more bytes than a limit; returns
    /// why it could not, or nothing.
    package func writeRows(ofParquet source: String, to target: String, limit: Int) throws -> String? {
        try prepareEnvironment()
        var options = options(["parquet", source, target, String(limit)])
        let output = try OpenFile.pipe()
        options.input = .file(try OpenFile.holding([]))
        options.output = .file(output.writing)
        let child = try ChildProcess.spawn(options)
        output.writing.close()
        var text: [UInt8] = []
        while case let part = try output.reading.read(upTo: 1 << 12), !part.isEmpty { text += part.prefix(4096) }
        let end = try child.wait()
        if end == .exited(0) { return nil }
        let reason = String(decoding: text.prefix(400), as: UTF8.self).split(separator: "\n").first
        return reason.map(String.init) ?? "its reader \(end)"
    }
}
