//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import POSIX

/// The process's streams: data on standard output, everything else on standard error.
struct Console {
    /// Whether results may be coloured.
    let colorsOutput: Bool
    /// Whether messages may be coloured.
    let colorsErrors: Bool

    init(_ options: GlobalOptions) {
        let environment = ProcessEnvironment.variables
        let plain = options.noColor || environment["NO_COLOR"]?.isEmpty == false || environment["TERM"] == "dumb"
        colorsOutput = !plain && Terminal.isTerminal(.output)
        colorsErrors = !plain && Terminal.isTerminal(.error)
    }

    /// Prints data, as it is.
    func output(_ text: String) { Terminal.write(text, to: .output) }

    /// Prints bytes, as they are.
    func output(bytes: [UInt8]) { Terminal.write(String(decoding: bytes, as: UTF8.self), to: .output) }

    /// Prints a message and a line feed.
    func note(_ text: String) {
        Terminal.write(text + "\n", to: .error)
    }
}
