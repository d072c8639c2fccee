//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// How a child process starts.
package struct SpawnOptions: Sendable {
    /// What one of the child's standard streams is.
    package enum Stream: Sendable {
        /// `/dev/null`.
        case null
        /// The same as this process's.
        case same
        /// An open file or an end of a pipe.
        case file(OpenFile)
    }

    /// The program: a path, or a name to be looked up in `PATH`.
    package var executable: String
    /// Its arguments, without the program's name.
    package var arguments: [String]
    /// All of its environment.
    package var environment: [String: String]
    /// Its working directory; this process's where there is none.
    package var folder: String?
    /// Its standard input.
    package var input: Stream = .null
    /// Its standard output.
    package var output: Stream = .same
    /// Its standard error.
    package var error: Stream = .same
    /// Whether it leads a session of its own, out of reach of the terminal's signals.
    package var newSession = false
    /// Other open files that it gets, as descriptors from 20 on: a shell uses those below 10 for itself. It gets no
    /// descriptor that is not named here.
    package var inherited: [OpenFile] = []

    /// Makes options: no input, this process's output, nothing inherited.
    package init(
        executable: String,
        arguments: [String] = [],
        environment: [String: String] = ProcessEnvironment.variables,
        folder: String? = nil
    ) {
        self.executable = executable
        self.arguments = arguments
        self.environment = environment
        self.folder = folder
    }
}
