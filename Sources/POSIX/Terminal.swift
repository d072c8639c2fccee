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

        var name: String {
            switch self {
            case .input: "standard input"
            case .output: "standard output"
            case .error: "standard error"
            }
        }
    }

    /// Whether a stream is a terminal.
    package static func isTerminal(_ stream: Stream) -> Bool { isatty(stream.rawValue) == 1 }

    /// How many columns a stream's terminal has; nothing where it is none.
    package static func columns(_ stream: Stream) -> Int? {
        let columns = Int(cposix_terminal_columns(stream.rawValue))
        return columns > 0 ? columns : nil
    }

    /// Writes a message at once, past any buffer; one that cannot be written is lost.
    package static func write(_ text: String, to stream: Stream) {
        try? write(bytes: Array(text.utf8)[...], to: stream)
    }

    /// Writes all bytes at once, past any buffer.
    package static func write(bytes: ArraySlice<UInt8>, to stream: Stream) throws(POSIXError) {
        var rest = bytes
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { buffer in
                uninterrupted { Glibc.write(stream.rawValue, buffer.baseAddress, buffer.count) }
            }
            if written < 0, errno == EAGAIN {
                // Another program at the same terminal may have told it not to block.
                var descriptor = pollfd(fd: stream.rawValue, events: Int16(POLLOUT), revents: 0)
                _ = poll(&descriptor, 1, -1)
                continue
            }
            guard written > 0 else { throw .last("cannot write to \(stream.name)") }
            rest = rest.dropFirst(written)
        }
    }

    /// Opens `/dev/null` in place of standard streams that were closed, so that no file gets their numbers and with
    /// them what is meant for a person.
    package static func fillClosedStreams() {
        for stream in [Stream.input, .output, .error] where fcntl(stream.rawValue, F_GETFD) < 0 && errno == EBADF {
            _ = open("/dev/null", O_RDWR)
        }
    }

    /// Asks on standard error and reads a line; nothing at the input's end.
    package static func ask(_ question: String) -> String? {
        write(question, to: .error)
        return readLine(strippingNewline: true)
    }

    /// Asks as `ask` does where signals are only counted; nothing once more of them came than are known.
    package static func ask(_ question: String, knownSignals: Int) -> String? {
        write(question, to: .error)
        let watch = ChangeWatch(folders: [])
        let input = OpenFile(descriptor: fcntl(Stream.input.rawValue, F_DUPFD_CLOEXEC, 3), path: "standard input")
        while SignalFlags.count <= knownSignals {
            if watch.wait(timeout: .seconds(60), reading: input) { return readLine(strippingNewline: true) }
        }
        return nil
    }
}
