//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

public import Foundation

/// What a finished program left: its exit status and all that it printed.
public struct Finished: Sendable {
    /// The exit status, or 128 and the signal's number.
    public let status: Int32
    /// Standard output.
    public let output: String
    /// Standard error.
    public let errors: String

    /// Both streams, for a failing test's message.
    public var transcript: String { "exit \(status)\n\(output)\n\(errors)" }
}

/// A program that has been started and writes its streams to files.
public final class Running {
    private let process: Process
    private let folder: URL

    init(_ process: Process, folder: URL) {
        self.process = process
        self.folder = folder
    }

    /// The process's id.
    public var processID: Int32 { process.processIdentifier }

    /// Whether it still runs.
    public var isRunning: Bool { process.isRunning }

    /// Ends it at once, as `kill -9` does.
    public func kill() { Foundation.kill(process.processIdentifier, SIGKILL) }

    /// What it has written on standard error so far.
    public var errors: String {
        String(decoding: (try? Data(contentsOf: folder.appending(path: "stderr"))) ?? Data(), as: UTF8.self)
    }

    /// Waits for its end.
    public func wait() -> Finished {
        process.waitUntilExit()
        let text: (String) -> String = { name in
            String(decoding: (try? Data(contentsOf: self.folder.appending(path: name))) ?? Data(), as: UTF8.self)
        }
        let signalled = process.terminationReason == .uncaughtSignal
        return Finished(
            status: signalled ? 128 + process.terminationStatus : process.terminationStatus,
            output: text("stdout"),
            errors: text("stderr")
        )
    }
}

/// A manifest repository of its own in a temporary folder, with the built `ftops` at hand.
///
/// Everything that ftops writes outside of the repository (state, cache of versions) lies in the same folder, so that a
/// scenario is a machine of its own; `machine` makes a second one.
public final class Scenario {
    /// The scenario's folder.
    public let folder: URL
    /// The work tree that commands run in.
    public var repository: URL
    /// Variables that commands see besides the process's own.
    public var environment: [String: String]
    private var runs = 0

    /// The top of this package.
    public static let package = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// The executable that was built beside the tests.
    public static var executable: URL {
        Bundle.allBundles.map(\.bundleURL)
            .map { $0.pathExtension == "xctest" ? $0.deletingLastPathComponent() : $0 }
            .map { $0.appending(path: "ftops") }
            .first { FileManager.default.isExecutableFile(atPath: $0.path) }
            ?? package.appending(path: ".build/debug/ftops")
    }

    /// Makes an empty folder with a repository on branch `main` that has an identity.
    public init() throws {
        folder = FileManager.default.temporaryDirectory
            .appending(path: "ftops-test-\(UUID().uuidString)").resolvingSymlinksInPath()
        repository = folder.appending(path: "repository")
        environment = [
            "CI": "",
            "CUDA_VISIBLE_DEVICES": "",
            "FTOPS_DEVICE_LOCKS": folder.appending(path: "devices").path,
            "FTOPS_LOOK_SECONDS": "1",
            "FTOPS_STATE": folder.appending(path: "state").path,
            "FTOPS_TRAINER": Self.package.appending(path: "Tests/quick-trainer").path,
            "FTOPS_QUICK_LOG": folder.appending(path: "quick.log").path,
            "HOME": folder.path,
            "NO_COLOR": "1",
        ]
        environment["XDG_CACHE_HOME"] = folder.appending(path: "cache").path
        try FileManager.default.createDirectory(at: repository, withIntermediateDirectories: true)
        try write(
            "[user]\n\tname = Test\n\temail = test@example.org\n[init]\n\tdefaultBranch = main\n",
            to: folder.appending(path: ".gitconfig")
        )
        try git("init", "--quiet", "--initial-branch", "main")
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// Writes a file of the repository, making its folders.
    public func write(_ text: String, at path: String) throws {
        try write(text, to: repository.appending(path: path))
    }

    /// Reads a file of the repository.
    public func read(_ path: String) throws -> String {
        try String(contentsOf: repository.appending(path: path), encoding: .utf8)
    }

    private func write(_ text: String, to file: URL) throws {
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        try Data(text.utf8).write(to: file)
    }

    /// Runs git in the repository and returns what it printed, without the last line feed.
    @discardableResult
    public func git(_ arguments: String..., in directory: URL? = nil) throws -> String {
        let finished = try start("/usr/bin/git", arguments, in: directory ?? repository).wait()
        guard finished.status == 0 else { throw ScenarioError(message: "git \(arguments): \(finished.transcript)") }
        return finished.output.hasSuffix("\n") ? String(finished.output.dropLast()) : finished.output
    }

    /// Commits all that is in the work tree.
    @discardableResult
    public func commit(_ message: String) throws -> String {
        try git("add", "--all")
        try git("commit", "--quiet", "--message", message)
        return try git("rev-parse", "HEAD")
    }

    /// Makes a bare repository `origin.git` and pushes `main` to it with an upstream.
    public func addOrigin() throws {
        try git("init", "--quiet", "--bare", "--initial-branch", "main", origin.path)
        try git("remote", "add", "origin", origin.path)
        try git("push", "--quiet", "--set-upstream", "origin", "main")
    }

    /// The bare repository of `addOrigin`.
    public var origin: URL { folder.appending(path: "origin.git") }

    /// Runs ftops in the repository to its end.
    public func ftops(_ arguments: String..., environment extra: [String: String] = [:]) throws -> Finished {
        try start(Self.executable.path, arguments, environment: extra).wait()
    }

    /// Starts ftops in the repository.
    public func startFtops(_ arguments: String..., environment extra: [String: String] = [:]) throws -> Running {
        try start(Self.executable.path, arguments, environment: extra)
    }

    /// Starts a program with its streams in files of the scenario's folder.
    public func start(
        _ program: String,
        _ arguments: [String],
        in directory: URL? = nil,
        environment extra: [String: String] = [:]
    ) throws -> Running {
        runs += 1
        let streams = folder.appending(path: "streams/\(runs)")
        try FileManager.default.createDirectory(at: streams, withIntermediateDirectories: true)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.currentDirectoryURL = directory ?? repository
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }.merging(extra) { $1 }
        process.standardInput = FileHandle.nullDevice
        for (name, set) in [
            ("stdout", { process.standardOutput = $0 }), ("stderr", { process.standardError = $0 }),
        ] as [(String, (FileHandle) -> Void)] {
            let file = streams.appending(path: name)
            try Data().write(to: file)
            set(try FileHandle(forWritingTo: file))
        }
        try process.run()
        return Running(process, folder: streams)
    }

    /// Waits until a condition holds; false where it did not within the deadline in seconds.
    public func waits(upTo seconds: Double = 60, until condition: () throws -> Bool) rethrows -> Bool {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while ContinuousClock.now < deadline {
            if try condition() { return true }
            Thread.sleep(forTimeInterval: 0.002)
        }
        return false
    }
}

/// A step of a scenario that could not be taken.
public struct ScenarioError: Error, CustomStringConvertible {
    /// What went wrong.
    public let message: String

    /// Makes an error.
    public init(message: String) { self.message = message }

    /// What went wrong.
    public var description: String { message }
}
