//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import JSON

/// Reads JSON lines: an object a line, blank lines skipped.
///
/// A line that is no row is a `RowProblem` and reading goes on behind it, so that one pass finds them all.
package struct RowReader {
    /// One row as it stands in its file.
    package struct Row: Hashable, Sendable {
        /// The line, from 1.
        package var line: Int
        /// The row's fields.
        package var fields: JSONObject
        /// The line's bytes, for excerpts.
        package var bytes: ArraySlice<UInt8>
    }

    /// What stands on a line.
    package enum Element: Hashable, Sendable {
        case row(Row)
        case problem(RowProblem)
    }

    private let file: String
    private var lines: LineReader
    private var isAtStart = true
    private var isOver = false
    private var pending: RowProblem?

    /// Starts to read a source.
    package init(_ source: RowSource) throws(DatasetError) {
        file = source.name
        lines = LineReader(try source.open(), file: source.name)
    }

    /// The next row or problem, or nothing at the end; `onChunk` sees all bytes as they are read.
    package mutating func next(_ onChunk: ([UInt8]) -> Void = { _ in }) throws(DatasetError) -> Element? {
        if let problem = pending {
            pending = nil
            return .problem(problem)
        }
        while !isOver, var line = try lines.nextLine(onChunk) {
            if isAtStart {
                isAtStart = false
                if let element = start(&line) { return element }
            }
            if Self.isBlank(line.bytes) { continue }
            return element(line)
        }
        return nil
    }

    /// Looks at the file's start. Of a file that is something else nothing more is read.
    private mutating func start(_ line: inout LineReader.Line) -> Element? {
        if let complaint = FileSignature.complaint(about: line.bytes) {
            isOver = true
            return .problem(problem(line, complaint))
        }
        guard line.bytes.starts(with: FileSignature.byteOrderMark) else { return nil }
        let reason = "the file starts with a byte order mark; save it as UTF-8 without BOM"
        line.bytes = line.bytes.dropFirst(FileSignature.byteOrderMark.count)
        if case .problem(let second) = element(line) { pending = second }
        return .problem(problem(line, reason))
    }

    private func element(_ line: LineReader.Line) -> Element {
        do throws(JSONError) {
            let value = try JSONParser.parse(line.bytes)
            guard let fields = value.object else { return .problem(problem(line, Self.noObject(value))) }
            return .row(Row(line: line.number, fields: fields, bytes: line.bytes))
        } catch {
            return .problem(problem(line, Self.reason(error, line), at: error.offset))
        }
    }

    private static func reason(_ error: JSONError, _ line: LineReader.Line) -> String {
        if !line.isTerminated, error.isCutOff {
            return "the file ends inside this row (\(error.message)): it was cut off"
        }
        return "not JSON: \(error.message)"
    }

    private static func noObject(_ value: JSONValue) -> String {
        "the row is \(value.kind) and not an object; a row reads {\"field\": …}"
    }

    private func problem(_ line: LineReader.Line, _ reason: String, at offset: Int = 0) -> RowProblem {
        RowProblem(in: file, line: line.number, bytes: line.bytes, reason: reason, at: offset)
    }

    private static func isBlank(_ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }
    }
}

extension RowProblem {
    /// Makes the problem of a line, the column counted in scalars from its bytes.
    init(in file: String, line: Int, bytes: ArraySlice<UInt8>, reason: String, at offset: Int = 0) {
        let column = 1 + bytes.prefix(offset).lazy.filter { $0 & 0xC0 != 0x80 }.count
        self.init(file: file, line: line, column: column, reason: reason, excerpt: Excerpt(of: bytes, around: offset))
    }
}

extension JSONValue {
    /// The value's kind with its article.
    var kind: String {
        switch self {
        case .null: "null"
        case .bool: "a boolean"
        case .number: "a number"
        case .string: "a string"
        case .array: "a list"
        case .object: "an object"
        }
    }
}
