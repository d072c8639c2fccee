//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Foundation

/// The package as SwiftPM describes it.
struct PackageDescription: Decodable {
    /// A target with what it declares to depend on.
    struct Target: Decodable {
        let name: String
        let path: String
        let type: String
        let targetDependencies: [String]?
        let productDependencies: [String]?

        /// Everything that the target may import.
        var dependencies: [String] { (targetDependencies ?? []) + (productDependencies ?? []) }
    }

    let targets: [Target]

    /// The modules that products are made of.
    var modules: [Target] { targets.filter { $0.path.hasPrefix("Sources/") } }

    /// Asks SwiftPM, in a scratch folder of its own: the usual one is locked while tests run.
    static func load() throws -> PackageDescription {
        let scratch = FileManager.default.temporaryDirectory.appending(path: "ftops-house-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: scratch) }
        let output = Pipe()
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [
            "swift", "package", "--package-path", Repository.root.path(percentEncoded: false), "--scratch-path",
            scratch.path(percentEncoded: false), "describe", "--type", "json",
        ]
        process.standardOutput = output
        try process.run()
        let json = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(PackageDescription.self, from: json)
    }
}
