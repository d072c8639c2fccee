//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Foundation
internal import POSIX

/// The process's streams: data on standard output, everything else on standard error.
struct Console {
    /// Whether results may be coloured.
    let colorsOutput: Bool
    /// Whether messages may be coloured.
    let colorsErrors: Bool

    init(_ options: GlobalOptions) {
        let environment = ProcessInfo.processInfo.environment
        let plain = options.noColor || environment["NO_COLOR"]?.isEmpty == false || environment["TERM"] == "dumb"
        colorsOutput = !plain && Terminal.isTerminal(1)
        colorsErrors = !plain && Terminal.isTerminal(2)
    }

    /// Prints data, as it is.
    func output(_ text: String) {
        FileHandle.standardOutput.write(Data(text.utf8))
    }

    /// Prints a message and a line feed.
    func note(_ text: String) {
        FileHandle.standardError.write(Data((text + "\n").utf8))
    }
}
