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

    /// Whether the file turned out to be something else than rows.
    private(set) var isNoRows = false

    /// Starts to read a source.
    package init(_ source: RowSource) throws(DatasetError) {
        file = source.name
        lines = LineReader(try source.open(), file: source.name)
    }

    /// The next row or problem, or nothing at the end.
    package mutating func next() throws(DatasetError) -> Element? {
        while !isNoRows, let line = try lines.nextLine() {
            if !line.isBlank { return element(line) }
        }
        return nil
    }

    /// What stands on a line. The first one also tells a file that is something else, of which no more is read.
    private mutating func element(_ line: LineReader.Line) -> Element {
        defer { isAtStart = false }
        guard isAtStart, let complaint = FileSignature.complaint(about: line.bytes, in: file) else {
            return Self.element(of: line, in: file)
        }
        isNoRows = true
        return .problem(RowProblem(in: file, line: line.number, bytes: [], reason: complaint))
    }

    /// The row on a line that is not blank, or what is wrong with it.
    static func element(of line: LineReader.Line, in file: String) -> Element {
        func problem(_ reason: String, at offset: Int = 0) -> Element {
            .problem(RowProblem(in: file, line: line.number, bytes: line.bytes, reason: reason, at: offset))
        }
        if let mark = RowMark.read(line.bytes) {
            return .problem(RowProblem(in: file, line: line.number, bytes: mark.row, reason: mark.reason))
        }
        do throws(JSONError) {
            let value = try JSONParser.parse(line.bytes)
            guard let fields = value.object else { return problem(Self.noObject(value)) }
            return .row(Row(line: line.number, fields: fields, bytes: line.bytes))
        } catch {
            return problem(Self.reason(error, line), at: error.offset)
        }
    }

    /// Whether a file's first lines say that it is no file of rows.
    static func isDoubtful(_ start: [LineBlock]) -> Bool {
        for block in start {
            var rest = block[...]
            while !rest.isEmpty {
                let line = rest.prefix { $0 != UInt8(ascii: "\n") }
                if !LineReader.Line(number: 1, bytes: line, isTerminated: true).isBlank {
                    return FileSignature.complaint(about: line, in: "") != nil
                }
                rest = rest.dropFirst(line.count + 1)
            }
        }
        return false
    }

    private static func reason(_ error: JSONError, _ line: LineReader.Line) -> String {
        if !line.isTerminated, error.isCutOff {
            return "the file ends inside this row (\(error.message)): it was cut off"
        }
        if let byte = line.bytes.dropFirst(error.offset).first, byte >= 0x80,
            String(validating: line.bytes, as: UTF8.self) == nil
        {
            return TextCheck.reason(byte)
        }
        let isOfReturns = line.bytes.dropLast().contains(UInt8(ascii: "\r")) && !error.isCutOff
        let hint = "; this line has carriage returns in it: save the file with line feeds"
        return "not JSON: \(error.message)\(isOfReturns ? hint : "")"
    }

    private static func noObject(_ value: JSONValue) -> String {
        "the row is \(value.kind) and not an object; a row reads {\"field\": …}"
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
