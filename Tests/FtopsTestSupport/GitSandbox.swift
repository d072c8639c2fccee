//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Foundation

/// A scratch folder with real git repositories, by the `git` command and without the user's configuration.
package final class GitSandbox: Sendable {
    /// What a command did.
    package struct Failure: Error, CustomStringConvertible {
        /// The command, its status and what it printed.
        package let description: String
    }

    /// The scratch folder, which goes with the sandbox.
    package let folder: String

    /// Makes an empty scratch folder.
    package init() throws {
        let base = FileManager.default.temporaryDirectory.resolvingSymlinksInPath()
        let url = base.appendingPathComponent("ftops-git-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        folder = url.path
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// A path in the scratch folder.
    package func path(_ name: String) -> String { "\(folder)/\(name)" }

    /// Makes a repository with an identity, and its first commit of the given files; returns its path.
    package func repository(_ name: String = "work", files: [String: String] = ["README.md": "hello\n"]) throws
        -> String
    {
        let top = path(name)
        try git("init", "-q", "-b", "main", top, in: folder)
        try identify(top)
        for (file, text) in files { try write(text, to: "\(name)/\(file)") }
        try git("add", "-A", in: top)
        try git("commit", "-q", "--allow-empty", "-m", "first", in: top)
        return top
    }

    /// Makes a bare repository; returns its path.
    package func bare(_ name: String = "origin.git") throws -> String {
        try git("init", "-q", "--bare", "-b", "main", path(name), in: folder)
        return path(name)
    }

    /// Clones a repository with an identity; returns the clone's path.
    package func clone(_ source: String, as name: String) throws -> String {
        try git("clone", "-q", source, path(name), in: folder)
        try identify(path(name))
        return path(name)
    }

    /// Writes a file, with its folders.
    package func write(_ text: String, to name: String) throws {
        let url = URL(fileURLWithPath: path(name))
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url)
    }

    /// A file's text; nothing where none is there.
    package func read(_ name: String) -> String? {
        FileManager.default.contents(atPath: path(name)).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Runs git in a folder and returns what it printed, without the last line's end.
    @discardableResult
    package func git(_ arguments: String..., in folder: String) throws -> String { try run(arguments, in: folder) }

    /// Runs git with a list of arguments.
    @discardableResult
    package func run(_ arguments: [String], in folder: String) throws -> String {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["git"] + arguments
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        process.environment = [
            "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", "HOME": self.folder,
            "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C",
        ]
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let printed = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            let command = arguments.joined(separator: " ")
            throw Failure(description: "git \(command): status \(process.terminationStatus): \(printed)")
        }
        return printed.hasSuffix("\n") ? String(printed.dropLast()) : printed
    }

    private func identify(_ top: String) throws {
        try git("config", "user.name", "Ada", in: top)
        try git("config", "user.email", "ada@example.com", in: top)
    }
}
