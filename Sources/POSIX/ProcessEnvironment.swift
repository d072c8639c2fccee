//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Glibc

/// What this process was started with.
package enum ProcessEnvironment {
    /// What the process was started with, each as `NAME=value`, in no order.
    package static var entries: [ArraySlice<UInt8>] {
        ((try? FileContents.read("/proc/self/environ")) ?? []).split(separator: 0)
    }

    /// The environment's variables.
    package static var variables: [String: String] {
        var variables: [String: String] = [:]
        for entry in entries {
            guard let equals = entry.firstIndex(of: UInt8(ascii: "=")) else { continue }
            variables[String(decoding: entry[..<equals], as: UTF8.self)] =
                String(decoding: entry[(equals + 1)...], as: UTF8.self)
        }
        return variables
    }

    /// The file that this process runs, every link resolved.
    package static var executable: String { Folder.linkTarget("/proc/self/exe") ?? CommandLine.arguments[0] }
}
