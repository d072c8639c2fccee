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
    private var pending: RowProblem?

    /// Whether the file turned out to be something else than rows.
    private(set) var isNoRows = false

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
        while !isNoRows, var line = try lines.nextLine(onChunk) {
            let hasMark = line.number == 1 && line.bytes.starts(with: FileSignature.byteOrderMark)
            if hasMark { line.bytes = line.bytes.dropFirst(FileSignature.byteOrderMark.count) }
            let element = Self.isBlank(line.bytes) ? nil : self.element(line)
            if hasMark, !isNoRows { return markProblem(line, before: element) }
            if let element { return element }
        }
        return nil
    }

    private mutating func markProblem(_ line: LineReader.Line, before element: Element?) -> Element {
        if case .problem(let second) = element { pending = second }
        return .problem(problem(line, "the file starts with a byte order mark; save it as UTF-8 without BOM"))
    }

    /// What stands on a line. The first one also tells a file that is something else, of which no more is read.
    private mutating func element(_ line: LineReader.Line) -> Element {
        defer { isAtStart = false }
        guard isAtStart, let complaint = FileSignature.complaint(about: line.bytes) else { return row(line) }
        isNoRows = true
        return .problem(RowProblem(in: file, line: line.number, bytes: [], reason: complaint))
    }

    private func row(_ line: LineReader.Line) -> Element {
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
