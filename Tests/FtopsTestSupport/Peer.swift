//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Foundation

/// A server beside the tests, which ends with them: it reads from a pipe that this process holds open.
package final class Peer: @unchecked Sendable {
    // The process is touched by `init`, `end` and `deinit` alone, and by one thread at a time.
    private let process = Process()
    private let input = Pipe()
    /// The port that it answers on, on this machine alone.
    package let port: Int

    /// Why there is no peer.
    package struct Missing: Error, CustomStringConvertible {
        /// What is missing.
        package let description: String
    }

    /// Starts a program that prints its port as its first line.
    package init(_ program: String, _ arguments: [String], environment: [String: String] = [:]) throws {
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [program] + arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        var line = Data()
        while !line.contains(UInt8(ascii: "\n")) {
            let more = output.fileHandleForReading.availableData
            guard !more.isEmpty else { throw Missing(description: "\(program) ended before it printed its port") }
            line.append(more)
        }
        guard let port = Int(String(decoding: line, as: UTF8.self).prefix { $0.isNumber }) else {
            throw Missing(description: "\(program) printed no port")
        }
        self.port = port
    }

    deinit { process.terminate() }

    /// Ends it, and returns once nobody answers any more.
    package func end() throws {
        try input.fileHandleForWriting.close()
        process.waitUntilExit()
    }

    /// Starts one of the servers of `Tests/peers`.
    package convenience init(script: String, _ arguments: [String]) throws {
        try self.init("python3", ["-B", Self.scripts + "/" + script] + arguments)
    }

    /// The programs of the servers that `make test` sets up.
    package static var programs: String {
        let environment = ProcessInfo.processInfo.environment
        return (environment["XDG_CACHE_HOME"] ?? (environment["HOME"] ?? "/root") + "/.cache") + "/ftops/peers/bin"
    }

    /// Whether those servers are there.
    package static var arePresent: Bool { FileManager.default.isExecutableFile(atPath: programs + "/weed") }

    private static var scripts: String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().path + "/peers"
    }
}

/// The web server of `Tests/peers/web.py`, with its files.
package final class WebPeer: Sendable {
    /// Its folder.
    package let folder: ScratchFolder
    private let peer: Peer
    private let scheme: String

    /// Starts a server; with a certificate it speaks TLS, or is a proxy that does so for any host.
    package init(certificate: String? = nil, isProxy: Bool = false) throws {
        folder = try ScratchFolder()
        let options = (certificate.map { ["--cert", $0] } ?? []) + (isProxy ? ["--proxy"] : [])
        peer = try Peer(script: "web.py", [folder.path] + options)
        scheme = certificate == nil || isProxy ? "http" : "https"
    }

    /// The port that it answers on.
    package var port: Int { peer.port }

    /// The address of one of its paths.
    package func address(_ path: String, host: String = "127.0.0.1") -> String {
        "\(scheme)://\(host):\(peer.port)/\(path)"
    }

    /// The requests that came with a text in their path, as lines of JSON.
    package func requests(_ part: String) -> [String] { folder.lines("requests.jsonl").filter { $0.contains(part) } }
}
