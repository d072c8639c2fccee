//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import POSIX
internal import Runs

/// One command of the trainer that is run to its end, its output in a log.
struct TrainerCommand {
    let launcher: String
    let log: String

    func run(_ arguments: [String]) throws {
        var options = SpawnOptions(executable: launcher, arguments: arguments)
        let file = try OpenFile(log, .append)
        options.output = .file(file)
        options.error = .file(file)
        options.newSession = true
        let child = try ChildProcess.spawn(options)
        let status = try child.wait()
        guard status == .exited(0) else {
            throw ReconcilerError(
                .damaged,
                "the trainer's \(arguments.first ?? "command") ended with \(status); see \(log)"
            )
        }
    }
}
