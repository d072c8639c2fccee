//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import JSON
package import POSIX

/// The trainer as a program: its `launch`, and the environment that it is started with.
package struct TrainerLauncher: Sendable {
    /// The path of `launch`.
    package let path: String
    /// The environment.
    package let environment: [String: String]

    /// Makes a launcher.
    package init(path: String, environment: [String: String] = ProcessEnvironment.variables) {
        self.path = path
        self.environment = environment
    }

    /// How the trainer is started with a command.
    package func options(_ arguments: [String]) -> SpawnOptions {
        SpawnOptions(executable: path, arguments: arguments, environment: environment, folder: "/")
    }

    /// Makes the trainer's environment where it is missing, which may take a minute and says so on standard error, and
    /// returns the path of its Python.
    @discardableResult
    package func prepareEnvironment() throws -> String {
        try ask(["environment"]).trimmed
    }

    /// Names and versions of the trainer and its libraries.
    package func versions() throws -> [String: String] {
        let members = try answer(["versions"]).object?.members ?? []
        let pairs = members.compactMap { member in
            (member.value.string ?? member.value.int.map(String.init)).map { (member.key, $0) }
        }
        return Dictionary(pairs) { $1 }
    }

    /// Makes a base ready to be used, which may take a while the first time; returns what the trainer said of it.
    @discardableResult
    package func prepare(_ base: TrainerBase) throws -> JSONValue {
        try answer(["prepare"], input: JSONText.compact(base.json))
    }

    /// Writes a version as a model of its own, as a request says, and returns what the trainer said of it; what keeps it
    /// from that stands in the last line of `errors`.
    package func export(_ request: JSONValue, errors: OpenFile) throws -> JSONValue {
        try answer(["export"], input: JSONText.compact(request), errors: errors)
    }

    /// Sends a folder to the Hugging Face hub, as a request says, and returns what the trainer said of it; what keeps it
    /// from that stands in the last line of `errors`.
    package func upload(_ request: JSONValue, errors: OpenFile) throws -> JSONValue {
        try answer(["upload"], input: JSONText.compact(request), errors: errors)
    }

    private func answer(_ arguments: [String], input: String = "", errors: OpenFile? = nil) throws -> JSONValue {
        let text = try ask(arguments, input: input, errors: errors)
        guard let value = try? JSONParser.parse(text) else {
            throw RunsError(.trainer, "\(path) \(arguments[0]) answered with no JSON: \(text.prefix(200))")
        }
        return value
    }

    /// Runs a command to its end and returns what it printed; what it says on standard error goes to ours, or to a file.
    private func ask(_ arguments: [String], input: String = "", errors: OpenFile? = nil) throws -> String {
        var options = options(arguments)
        let output = try OpenFile.pipe()
        options.input = .file(try OpenFile.holding(Array(input.utf8)))
        options.output = .file(output.writing)
        if let errors { options.error = .file(errors) }
        let child = try ChildProcess.spawn(options)
        output.writing.close()
        var text: [UInt8] = []
        while case let part = try output.reading.read(upTo: 1 << 16), !part.isEmpty { text += part }
        let end = try child.wait()
        guard end == .exited(0) else { throw RunsError(.trainer, "\(path) \(arguments[0]) \(end)") }
        return String(decoding: text, as: UTF8.self)
    }
}

extension String {
    fileprivate var trimmed: String {
        var text = self[...]
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return String(text)
    }
}
