//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import JSON

/// Renders rows from bytes to bytes, without building values: for files of gigabytes.
///
/// It renders what nearly all rows are made of. What it declines is for `RowRenderer`, which says the same of every row
/// that both render and knows what is wrong with one that neither does.
struct RowProgram: Sendable {
    private enum Part: Sendable {
        case literal([UInt8])
        /// A field, by its place among the keys.
        case field(Int)
    }

    private enum Form: Sendable {
        case promptCompletion(prompt: [Part], completion: [Part])
        case text([Part])
        /// Rows that are rendered already, whatever of the plain keys they have.
        case plain
        /// Rows that are all declined.
        case none
    }

    /// The keys of the members that are looked at.
    private let keys: [[UInt8]]
    private let form: Form

    private static let plainKeys = ["prompt", "completion", "text", "messages"]

    init(_ template: CompiledTemplate?) {
        var keys: [[UInt8]] = []
        switch template?.form {
        case nil:
            keys = Self.plainKeys.map { Array($0.utf8) }
            form = .plain
        case .promptCompletion(let prompt, let completion):
            if let prompt = Self.parts(prompt, &keys), let completion = Self.parts(completion, &keys) {
                form = .promptCompletion(prompt: prompt, completion: completion)
            } else {
                form = .none
            }
        case .text(let text): form = Self.parts(text, &keys).map(Form.text) ?? .none
        case .messages: form = .none
        }
        self.keys = keys
    }

    /// The parts of a text; nothing where it reaches into lists and objects.
    private static func parts(_ text: TemplateText, _ keys: inout [[UInt8]]) -> [Part]? {
        var parts: [Part] = []
        for part in text.parts {
            switch part {
            case .literal(let literal): parts.append(.literal(Array(literal.utf8)))
            case .field(let path):
                guard path.keys.isEmpty else { return nil }
                let key = Array(path.field.utf8)
                let place = keys.firstIndex(of: key) ?? keys.count
                if place == keys.count { keys.append(key) }
                parts.append(.field(place))
            }
        }
        return parts
    }

    /// Renders the row that takes up a range of bytes; whether it did.
    func render(_ bytes: borrowing Span<UInt8>, _ range: Range<Int>, into row: inout RowBuffers) -> Bool {
        if case .none = form { return false }
        guard row.scanner.scan(bytes, range) else { return false }
        find(bytes, &row)
        row.prompt.removeAll(keepingCapacity: true)
        row.completion.removeAll(keepingCapacity: true)
        switch form {
        case .promptCompletion(let prompt, let completion):
            row.form = .promptCompletion
            return write(prompt, bytes, row.places, row.scanner, to: &row.prompt)
                && write(completion, bytes, row.places, row.scanner, to: &row.completion) && !row.completion.isEmpty
        case .text(let text):
            row.form = .text
            return write(text, bytes, row.places, row.scanner, to: &row.completion) && !row.completion.isEmpty
        case .plain: return renderPlain(bytes, &row)
        case .none: return false
        }
    }

    private func renderPlain(_ bytes: borrowing Span<UInt8>, _ row: inout RowBuffers) -> Bool {
        let (places, members) = (row.places, row.scanner.members)
        func append(_ place: Int, to out: inout [UInt8]) -> Bool {
            switch members[place].kind {
            case .string: out.append(bytes, members[place].value)
            case .escapedString: out.appendUnescaped(bytes, members[place].value)
            default: return false
            }
            return true
        }
        switch (places[0], places[1], places[2], places[3]) {
        case (let prompt?, let completion?, nil, nil):
            row.form = .promptCompletion
            guard append(prompt, to: &row.prompt), append(completion, to: &row.completion) else { return false }
            row.prompt.append(UInt8(ascii: "\n"))
        case (nil, nil, let text?, nil):
            row.form = .text
            guard append(text, to: &row.completion) else { return false }
        default: return false
        }
        return !row.completion.isEmpty
    }

    /// Notes where the members of the keys stand; of a key that comes twice the last one counts, as in Python.
    private func find(_ bytes: borrowing Span<UInt8>, _ row: inout RowBuffers) {
        row.places.removeAll(keepingCapacity: true)
        for _ in keys { row.places.append(nil) }
        for (index, member) in row.scanner.members.enumerated() {
            for (place, key) in keys.enumerated() where bytes.isEqual(in: member.key, to: key) {
                row.places[place] = index
            }
        }
    }

    private func write(
        _ parts: [Part],
        _ bytes: borrowing Span<UInt8>,
        _ places: [Int?],
        _ scanner: JSONMemberScanner,
        to out: inout [UInt8]
    ) -> Bool {
        for part in parts {
            switch part {
            case .literal(let literal): out.append(contentsOf: literal)
            case .field(let key):
                guard let place = places[key], Self.write(scanner.members[place], bytes, to: &out) else { return false }
            }
        }
        return true
    }

    /// Appends a value as Python's `str` says it; whether it did.
    private static func write(
        _ member: JSONMemberScanner.Member,
        _ bytes: borrowing Span<UInt8>,
        to out: inout [UInt8]
    ) -> Bool {
        switch member.kind {
        case .string: out.append(bytes, member.value)
        case .escapedString: out.appendUnescaped(bytes, member.value)
        case .true: out.append(contentsOf: "True".utf8)
        case .false: out.append(contentsOf: "False".utf8)
        case .null: out.append(contentsOf: "None".utf8)
        case .integer, .decimal:
            var literal: [UInt8] = []
            literal.append(bytes, member.value)
            let number = JSONNumber(literal: String(decoding: literal, as: UTF8.self))
            guard let text = PythonText.text(of: .number(number)) else { return false }
            out.append(contentsOf: text.utf8)
        case .nested: return false
        }
        return true
    }
}

/// What rendering rows one after the other works in, kept so that a row costs no memory of its own.
struct RowBuffers {
    var scanner = JSONMemberScanner()
    /// For each key of the program, its member's place.
    var places: [Int?] = []
    /// The form of the row that was rendered last.
    var form = RenderedRow.Form.text
    /// Its prompt.
    var prompt: [UInt8] = []
    /// Its completion, or its one text.
    var completion: [UInt8] = []

    /// The estimated tokens of the row's texts.
    var tokens: Int {
        TokenEstimator.tokens(in: prompt.span) + TokenEstimator.tokens(in: completion.span)
    }

    /// Appends the row's canonical JSON, as `RenderedRow.write` does.
    func write(to out: inout [UInt8]) {
        if form == .promptCompletion {
            out.append(contentsOf: "{\"completion\":\"".utf8)
            out.appendEscaped(completion.span)
            out.append(contentsOf: "\",\"prompt\":\"".utf8)
            out.appendEscaped(prompt.span)
        } else {
            out.append(contentsOf: "{\"text\":\"".utf8)
            out.appendEscaped(completion.span)
        }
        out.append(contentsOf: "\"}".utf8)
    }
}

extension Span<UInt8> {
    fileprivate func isEqual(in range: Range<Int>, to key: [UInt8]) -> Bool {
        guard range.count == key.count else { return false }
        for offset in 0..<key.count where self[range.lowerBound + offset] != key[offset] { return false }
        return true
    }
}
