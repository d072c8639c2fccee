//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// What is left to the end of the process, which gives all of its memory back at once: to take a large value apart, part
/// by part, takes a good share of the time that a command takes.
enum ProcessEnd {
    // Safe: commands run on the main thread, one in a process.
    nonisolated(unsafe) private static var values: [Any] = []

    static func leave(_ value: Any) { unsafe values.append(value) }
}
