//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Foundation

/// A process of this package that is spoken to by lines.
package final class LineProcess {
    private let process = Process()
    private let (input, output) = (Pipe(), Pipe())
    private var rest = Data()

    /// Starts an executable that was built beside the tests.
    package init(_ executable: String, _ arguments: [String]) throws {
        let folder = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        process.executableURL = folder.appendingPathComponent(executable)
        process.arguments = arguments
        process.standardInput = input
        process.standardOutput = output
        try process.run()
    }

    /// The next line that it prints; nothing when it has ended.
    package func line() -> String? {
        while true {
            if let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                defer { rest = Data(rest[(end + 1)...]) }
                return String(decoding: rest[..<end], as: UTF8.self)
            }
            let more = output.fileHandleForReading.availableData
            guard !more.isEmpty else { return nil }
            rest.append(more)
        }
    }

    /// Hands it a line.
    package func send(_ line: String) throws {
        try input.fileHandleForWriting.write(contentsOf: Data((line + "\n").utf8))
    }

    /// Ends it as a power cut would.
    package func kill() { Foundation.kill(process.processIdentifier, SIGKILL) }

    /// Waits for its end, and gives its status, or the signal that ended it.
    @discardableResult
    package func end() -> Int32 {
        process.waitUntilExit()
        return process.terminationStatus
    }
}
