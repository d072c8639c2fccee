//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Glibc

/// What this process was started with.
package enum ProcessEnvironment {
    /// The environment's variables.
    package static var variables: [String: String] {
        let block = (try? FileContents.read("/proc/self/environ")) ?? []
        var variables: [String: String] = [:]
        for entry in block.split(separator: 0) {
            guard let equals = entry.firstIndex(of: UInt8(ascii: "=")) else { continue }
            variables[String(decoding: entry[..<equals], as: UTF8.self)] =
                String(decoding: entry[(equals + 1)...], as: UTF8.self)
        }
        return variables
    }

    /// The file that this process runs, every link resolved.
    package static var executable: String { Folder.linkTarget("/proc/self/exe") ?? CommandLine.arguments[0] }
}
