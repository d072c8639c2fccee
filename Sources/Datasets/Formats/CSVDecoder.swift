//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import JSON
internal import Resources

/// Reads CSV and TSV by RFC 4180: the first record names the fields, and all values are texts.
///
/// Beyond the RFC it takes any line ending, skips empty lines, and takes a quote in the midst of a
/// field as it stands. A file of `;` and no `,` in its first record is separated by `;`, as spreadsheets write it where
/// the comma is the decimal point.
struct CSVDecoder: RowDecoder {
    private enum State {
        case fieldStart
        case plain
        case quoted
        /// Behind a quote in a quoted field: its end, or the first of two that stand for one.
        case quoteInQuoted
        /// Behind what should have been a quoted field's end.
        case behindQuoted
    }

    private let file: String
    private var separator: UInt8
    private let isTabbed: Bool
    private var keys: [[UInt8]]?
    private var state = State.fieldStart
    /// The record's fields as far as they are wanted: one of commas alone would take more memory than it has bytes.
    private var fields: [[UInt8]] = []
    private var count = 0
    private var field: [UInt8] = []
    private var isRecordEmpty = true
    private var problem: String?
    private var size = 0
    private var line = 1
    private var start = 1
    private var isBehindReturn = false
    private var text = TextCheck()
    /// The first bytes, until there is a line of them; nothing from then on.
    private var beginning: [UInt8]? = []

    /// Starts a file that is separated by tabs, or by commas.
    init(file: String, isTabbed: Bool) {
        self.file = file
        separator = isTabbed ? 0x09 : UInt8(ascii: ",")
        self.isTabbed = isTabbed
    }

    mutating func decode(_ bytes: [UInt8], to out: inout DecodedLines) throws(DatasetError) {
        guard let known = beginning else { return try take(bytes[...], to: &out) }
        beginning = known + bytes
        let hasLine = bytes.contains(0x0A) || bytes.contains(0x0D)
        if hasLine || known.count > Self.longLine { try begin(to: &out) }
    }

    /// Fields that a file has at most.
    private static let fieldLimit = 10_000

    /// Bytes of a first line after which it is long enough to tell what separates.
    private static let longLine = 1 << 16

    private mutating func begin(to out: inout DecodedLines) throws(DatasetError) {
        guard let known = beginning else { return }
        beginning = nil
        let line = known.prefix { $0 != 0x0A && $0 != 0x0D }
        let marks = [UInt8(ascii: ","), UInt8(ascii: ";"), 0x09].filter(line.contains)
        if let complaint = complaint(line, separators: marks) {
            throw failure("no file of rows: \(complaint)", complaint)
        }
        if !isTabbed, marks.first == UInt8(ascii: ";") { separator = UInt8(ascii: ";") }
        try take(known[...], to: &out)
    }

    /// What a file is instead, by its first line.
    private func complaint(_ line: ArraySlice<UInt8>, separators: [UInt8]) -> String? {
        if let complaint = FileSignature.foreign(line, in: file) { return complaint }
        if let value = try? JSONParser.parse(line), value.object != nil {
            return "this has an object of JSON a line; name the file .jsonl, or say `format: jsonl`"
        }
        if line.starts(with: Array("[{".utf8)) || line.elementsEqual(Array("[".utf8)) {
            return "this is an array of JSON; name the file .json, or say `format: json`"
        }
        switch (isTabbed, separators.contains(0x09), separators.first) {
        case (false, _, 0x09): return "the first line has tabs and no commas; name the file .tsv, or say `format: tsv`"
        case (true, false, _?): return "the first line has commas and no tabs; name the file .csv, or say `format: csv`"
        default: return nil
        }
    }

    /// The error of the whole file, at the line that its record starts on.
    private func failure(_ message: String, _ reason: String) -> DatasetError {
        let isNoRows = message != reason
        let place = SourcePosition(line: start, column: 1)
        let range = SourceRange(file: file, start: place, end: SourcePosition(line: start, column: 2))
        return DatasetError(
            .badRows,
            isNoRows ? "\(file) is \(message)" : "\(file):\(start): \(reason)",
            diagnostics: [Diagnostic("bad-row", reason, range: range)]
        )
    }

    private mutating func take(_ bytes: ArraySlice<UInt8>, to out: inout DecodedLines) throws(DatasetError) {
        try text.check(bytes, in: file)
        for byte in bytes {
            let isSecondOfTwo = isBehindReturn && byte == 0x0A
            isBehindReturn = byte == 0x0D
            if byte == 0x0D || byte == 0x0A, !isSecondOfTwo { line += 1 }
            if isSecondOfTwo, state != .quoted { continue }
            try take(byte, to: &out)
        }
    }

    private mutating func take(_ byte: UInt8, to out: inout DecodedLines) throws(DatasetError) {
        size += 1
        guard size <= LineReader.lineLimit else {
            let reason = "a record is longer than \(LineReader.lineLimit >> 20) MiB: is there a quote without its end?"
            throw failure(reason, reason)
        }
        switch (state, byte) {
        case (.quoted, UInt8(ascii: "\"")): state = .quoteInQuoted
        case (.quoted, _): field.append(byte)
        case (.quoteInQuoted, UInt8(ascii: "\"")):
            field.append(byte)
            state = .quoted
        case (_, separator): endField()
        case (_, 0x0A), (_, 0x0D): try endRecord(to: &out)
        case (.fieldStart, UInt8(ascii: "\"")):
            isRecordEmpty = false
            state = .quoted
        case (.quoteInQuoted, _), (.behindQuoted, _):
            state = .behindQuoted
            problem = problem ?? "there is text behind a closing quote; a quote inside of a quoted field is doubled"
        case (.fieldStart, _), (.plain, _):
            isRecordEmpty = false
            state = .plain
            field.append(byte)
        }
    }

    private mutating func endField() {
        isRecordEmpty = false
        count += 1
        if count <= keys?.count ?? Self.fieldLimit { fields.append(field) }
        field.removeAll(keepingCapacity: true)
        state = .fieldStart
    }

    private mutating func endRecord(to out: inout DecodedLines) throws(DatasetError) {
        defer {
            fields.removeAll(keepingCapacity: true)
            (isRecordEmpty, problem, size, start, count) = (true, nil, 0, line, 0)
        }
        state = .fieldStart
        guard !isRecordEmpty else { return }
        endField()
        guard let keys else { return try takeHeader() }
        if problem == nil, count != keys.count {
            let found = count == 1 ? "1 field" : "\(count) fields"
            problem = "the record has \(found), and the first record names \(keys.count)"
        }
        if let problem {
            return out.appendMark(problem, Array(fields.joined(separator: [separator])), from: start)
        }
        for (index, key) in keys.enumerated() {
            out.bytes.append(UInt8(ascii: index == 0 ? "{" : ","))
            out.bytes.append(contentsOf: key)
            Self.write(fields[index], to: &out.bytes)
        }
        out.bytes.append(UInt8(ascii: "}"))
        out.endRow(from: start)
    }

    private mutating func takeHeader() throws(DatasetError) {
        guard count <= Self.fieldLimit else { throw wrongHeader("it has more than \(Self.fieldLimit) fields") }
        let names = fields.map { String(decoding: $0, as: UTF8.self) }
        if let problem { throw wrongHeader(problem) }
        if names.contains("") { throw wrongHeader("a field has no name") }
        var seen: Set<String> = []
        if let twice = names.first(where: { !seen.insert($0).inserted }) {
            throw wrongHeader("the field \(quoted(twice)) is there twice")
        }
        keys = fields.map { name in
            var key: [UInt8] = []
            Self.write(name, to: &key)
            return key + [UInt8(ascii: ":")]
        }
    }

    private func wrongHeader(_ reason: String) -> DatasetError {
        let reason = "\(reason): the first record has to name the fields"
        return failure(reason, reason)
    }

    /// Writes a text as JSON.
    private static func write(_ text: [UInt8], to out: inout [UInt8]) {
        out.append(UInt8(ascii: "\""))
        for byte in text {
            if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
                JSONText.writeEscape(of: byte, to: &out)
            } else {
                out.append(byte)
            }
        }
        out.append(UInt8(ascii: "\""))
    }

    mutating func finish(to out: inout DecodedLines) throws(DatasetError) {
        try begin(to: &out)
        try text.finish(in: file)
        if state == .quoted {
            problem = "a quote is never closed"
            state = .plain
        }
        try endRecord(to: &out)
    }
}
