//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Foundation

/// Runs the machine's `python3`, whose `json` and `str.format` are what ours are held against.
package enum Python {
    /// Whether there is one.
    package static let isPresent = (try? run("pass", on: [String]())) != nil

    /// How a script ended that failed.
    package struct Failure: Error {
        /// Its exit status.
        package var status: Int32
    }

    /// Runs a script that reads bytes and writes lines.
    package static func run(_ script: String, on input: [UInt8], python: String = "python3") throws -> [String] {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("ftops-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let inputFile = folder.appendingPathComponent("input")
        let outputFile = folder.appendingPathComponent("output")
        try Data(input).write(to: inputFile)
        try Data().write(to: outputFile)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [python, "-c", script]
        process.environment = ProcessInfo.processInfo.environment.merging(["PYTHONUTF8": "1"]) { $1 }
        process.standardInput = try FileHandle(forReadingFrom: inputFile)
        process.standardOutput = try FileHandle(forWritingTo: outputFile)
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failure(status: process.terminationStatus) }
        let lines = try [UInt8](Data(contentsOf: outputFile)).split(separator: 0x0A, omittingEmptySubsequences: false)
        return lines.dropLast().map { String(decoding: $0, as: UTF8.self) }
    }

    /// Runs a script that reads lines and writes lines.
    package static func run(_ script: String, on lines: [String], python: String = "python3") throws -> [String] {
        try run(script, on: Array(lines.map { $0 + "\n" }.joined().utf8), python: python)
    }

    /// The SHA-256 of a text, by another hand than ours.
    package static func sha256(_ text: String) throws -> String { try sha256(of: Array(text.utf8)) }

    /// The SHA-256 of bytes, by another hand than ours.
    package static func sha256(of bytes: [UInt8]) throws -> String {
        let script = "import hashlib, sys; print(hashlib.sha256(sys.stdin.buffer.read()).hexdigest())"
        return try run(script, on: bytes).first ?? ""
    }
}
