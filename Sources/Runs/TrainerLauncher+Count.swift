//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import JSON
internal import POSIX
package import Resources

extension TrainerLauncher {
    /// What is to be counted.
    package struct CountRequest: Hashable, Sendable {
        /// A file of rendered rows, as `train.jsonl` has them.
        package var rows: String
        /// The base.
        package var base: TrainerBase
        /// The hyperparameters.
        package var parameters: ParameterValues
        /// The seconds that it may take; any where there is no limit.
        package var seconds: Int?

        /// Makes a request.
        package init(
            rows: String,
            base: TrainerBase,
            parameters: ParameterValues,
            seconds: Int? = nil
        ) {
            self.rows = rows
            self.base = base
            self.parameters = parameters
            self.seconds = seconds
        }

        var json: JSONValue {
            [
                "base": base.json, "rows": .string(rows), "parameters": Job.json(parameters),
                "seconds": seconds.map { .int($0) } ?? .null,
            ]
        }
    }

    /// Whether its environment is made, or another one of it by its name, so that a command installs nothing.
    package func isReady(_ environment: String? = nil) -> Bool {
        var options = options(["ready"] + (environment.map { [$0] } ?? []))
        (options.output, options.error) = (.null, .null)
        return (try? ChildProcess.spawn(options).wait()) == .exited(0)
    }

    /// Counts what a training takes, and tells now and then how many bytes of the rows have been read.
    ///
    /// - Throws: `RunsError` where the trainer cannot count them, or not in time.
    package func count(_ request: CountRequest, tell: (Int) -> Void = { _ in }) throws -> TokenCount {
        var options = options(["count"])
        let output = try OpenFile.pipe()
        options.input = .file(try OpenFile.holding(Array(JSONText.compact(request.json).utf8)))
        options.output = .file(output.writing)
        options.error = .null
        let child = try ChildProcess.spawn(options)
        output.writing.close()
        var answer = CountAnswer()
        while case let part = try output.reading.read(upTo: 1 << 12), !part.isEmpty { answer.add(part, tell: tell) }
        let end = try child.wait()
        if end == .exited(0), let count = answer.count { return count }
        if let failure = answer.failure { throw RunsError(.trainer, failure) }
        if let seconds = request.seconds, end == .signaled(ProcessGroup.Signal.alarm) {
            throw RunsError(.trainer, "it took longer than \(seconds) seconds")
        }
        throw RunsError(.trainer, "\(path) count \(end)")
    }
}

/// The lines that counting is answered by, as they come.
private struct CountAnswer {
    private(set) var count: TokenCount?
    private(set) var failure: String?
    private var line: [UInt8] = []
    private static let longest = 1 << 16

    mutating func add(_ bytes: [UInt8], tell: (Int) -> Void) {
        for byte in bytes {
            guard byte == UInt8(ascii: "\n") else {
                if line.count < Self.longest { line.append(byte) }
                continue
            }
            if let value = try? JSONParser.parse(line[...]) { take(value, tell: tell) }
            line = []
        }
    }

    private mutating func take(_ value: JSONValue, tell: (Int) -> Void) {
        if let read = value["read"]?.int { tell(read) }
        count = TokenCount(json: value) ?? count
        failure = value["failure"]?.string ?? failure
    }
}
