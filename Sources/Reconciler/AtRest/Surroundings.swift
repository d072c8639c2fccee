//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Datasets
internal import Digest
internal import POSIX

/// What a plan may depend on that is the same for as long as a process runs.
struct Surroundings: Hashable {
    /// What tells this build of the program from others.
    var program: String
    /// The user's number.
    var user: UInt32
    /// The environment, each as `NAME=value`, in no order.
    var environment: [ArraySlice<UInt8>]

    /// Those of this process; nothing where nobody can tell this program from others.
    static var current: Surroundings? {
        NoteFolder.program.map {
            Surroundings(program: $0, user: Machine.user, environment: ProcessEnvironment.entries)
        }
    }

    /// Adds all of it to a digest, but for variables that say where a shell is, how its window looks, or which start of a
    /// service this is: of those no plan knows anything, and each of many that are alike has others.
    func add(to hasher: inout SHA256Hasher) {
        hasher.update("\(program)\0\(user)\0")
        let lasting = environment.filter { entry in
            let name = entry.prefix { $0 != UInt8(ascii: "=") }
            return !Self.passing.contains(String(decoding: name, as: UTF8.self))
        }
        for entry in lasting.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            hasher.update(entry)
            hasher.update("\0")
        }
    }

    private static let passing: Set = [
        "_", "COLUMNS", "INVOCATION_ID", "JOURNAL_STREAM", "LINES", "OLDPWD", "PWD", "SHLVL", "SYSTEMD_EXEC_PID",
        "TERM",
    ]
}
