//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import CPOSIX
internal import Glibc

/// The terminal that a person sits at, if one does.
package enum Terminal {
    /// One of the process's standard streams.
    package enum Stream: Int32, Sendable {
        case input = 0
        case output = 1
        case error = 2
    }

    /// Whether a stream is a terminal.
    package static func isTerminal(_ stream: Stream) -> Bool { isatty(stream.rawValue) == 1 }

    /// How many columns a stream's terminal has; nothing where it is none.
    package static func columns(_ stream: Stream) -> Int? {
        let columns = Int(cposix_terminal_columns(stream.rawValue))
        return columns > 0 ? columns : nil
    }

    /// Writes a text at once, past any buffer; a reader that has gone is no error.
    package static func write(_ text: String, to stream: Stream) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { buffer in
                uninterrupted { Glibc.write(stream.rawValue, buffer.baseAddress, buffer.count) }
            }
            guard written > 0 else { return }
            rest = rest.dropFirst(written)
        }
    }

    /// Asks on standard error and reads a line; nothing at the input's end.
    package static func ask(_ question: String) -> String? {
        write(question, to: .error)
        return readLine(strippingNewline: true)
    }
}
