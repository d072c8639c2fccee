//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import POSIX
internal import Reports

/// Prints a log that grows: byte for byte into files and pipes; on a terminal line by line, without what steers it.
struct LogView {
    private let path: String
    private let console: Console
    private let isTerminal = Terminal.isTerminal(.output)
    private var file: OpenFile?
    private var offset = 0
    /// The beginning of a line whose end was not written yet.
    private var rest: [UInt8] = []

    /// Makes a view of a file that may not be there yet.
    init(file path: String, console: Console) {
        self.path = path
        self.console = console
    }

    /// Prints what has come since the last time.
    mutating func printNew() throws {
        if file == nil, FileStatus.isFile(path) { file = try OpenFile(path, .read) }
        guard let file else { return }
        while case let part = try file.read(upTo: 1 << 16, at: offset), !part.isEmpty {
            offset += part.count
            print(part)
        }
    }

    /// Prints the beginning of a line that never ended.
    mutating func finish() {
        guard !rest.isEmpty else { return }
        console.output(Self.harmless(rest) + "\n")
        rest = []
    }

    private mutating func print(_ part: [UInt8]) {
        guard isTerminal else { return console.output(bytes: part[...]) }
        rest += part
        guard let end = rest.lastIndex(of: UInt8(ascii: "\n")) else { return }
        console.output(Self.harmless(Array(rest[..<end])) + "\n")
        rest.removeSubrange(...end)
    }

    private static func harmless(_ bytes: [UInt8]) -> String {
        TerminalText.lines(String(decoding: bytes, as: UTF8.self)).joined(separator: "\n")
    }
}
