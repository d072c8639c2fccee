//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Foundation

/// A certificate for names that lead to this machine, and the authority that signed it, made with `openssl`.
package final class TestCertificate: Sendable {
    /// The certificate with its key.
    package let file: String
    /// The authority, for a client to trust.
    package let authority: String
    private let folder: ScratchFolder

    /// Makes both.
    package init(names: [String] = ["localhost"]) throws {
        folder = try ScratchFolder()
        (file, authority) = (folder.path("server.pem"), folder.path("authority.pem"))
        let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
        try run(
            ["req", "-x509"] + key
                + ["-keyout", "authority.key", "-out", "authority.pem", "-subj", "/CN=Test authority"]
        )
        let alternatives = names.map { "DNS:\($0)" }.joined(separator: ",")
        try run(
            ["req", "-x509", "-CA", "authority.pem", "-CAkey", "authority.key"] + key
                + ["-keyout", "server.key", "-out", "server.crt", "-subj", "/CN=\(names[0])"]
                + ["-addext", "subjectAltName=\(alternatives)", "-addext", "basicConstraints=critical,CA:FALSE"]
        )
        try folder.write((folder.read("server.crt") ?? "") + (folder.read("server.key") ?? ""), to: "server.pem")
    }

    private func run(_ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["openssl"] + arguments
        process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Python.Failure(status: process.terminationStatus) }
    }
}
