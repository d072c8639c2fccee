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
    /// A part of a text. It refers to no memory of its own: counting references would cost more than a short row.
    private enum Part: Sendable {
        /// A literal text, by its places among all literals: as it is, and as it stands inside of a JSON string.
        case literal(Range<Int>, escaped: Range<Int>)
        /// A field, by its place among the keys; whether what is no string is said as Python's `str` says it.
        case field(Int, isText: Bool)
    }

    /// What a row is made of, by places among the parts: a completion and the prompt before it, or one text.
    private struct Shape: Sendable {
        var form: RenderedRow.Form
        var prompt = 0..<0
        /// What must not be empty; of two answers the chosen one.
        var completion: Range<Int>
        /// The other answer, which must not be empty either.
        var rejected = 0..<0
    }

    private enum Kind: Sendable {
        case template(Shape)
        /// Rows that are rendered already, whatever of the plain keys they have.
        case plain(pair: Shape, preference: Shape, text: Shape)
        /// Rows that are all declined.
        case none
    }

    /// The keys of the members that are looked at.
    private let keys: [[UInt8]]
    private let parts: [Part]
    private let literals: [UInt8]
    private let kind: Kind
    /// Bytes that a row may become.
    private let limit: Int

    init(_ template: CompiledTemplate?, limit: Int = RenderedRow.limit) {
        self.limit = limit
        var builder = Builder()
        kind =
            switch template?.form {
            case nil: builder.plain()
            case .promptCompletion(let prompt, let completion): builder.pair(prompt, completion)
            case .preference(let prompt, let chosen, let rejected): builder.preference(prompt, chosen, rejected)
            case .text(let text): builder.add(text).map { .template(Shape(form: .text, completion: $0)) } ?? .none
            case .messages: .none
            }
        (keys, parts, literals) = (builder.keys, builder.parts, builder.literals)
    }

    /// Collects the parts of texts.
    private struct Builder {
        var keys: [[UInt8]] = []
        var parts: [Part] = []
        var literals: [UInt8] = []

        mutating func plain() -> Kind {
            keys = ["prompt", "completion", "text", "messages", "chosen", "rejected"].map { Array($0.utf8) }
            parts = [.field(0, isText: false)]
            addLiteral("\n")
            parts += [1, 2, 4, 5].map { .field($0, isText: false) }
            return .plain(
                pair: Shape(form: .promptCompletion, prompt: 0..<2, completion: 2..<3),
                preference: Shape(form: .preference, prompt: 0..<2, completion: 4..<5, rejected: 5..<6),
                text: Shape(form: .text, completion: 3..<4)
            )
        }

        mutating func preference(_ prompt: TemplateText, _ chosen: TemplateText, _ rejected: TemplateText) -> Kind {
            guard let prompt = add(prompt), let chosen = add(chosen), let rejected = add(rejected) else { return .none }
            return .template(Shape(form: .preference, prompt: prompt, completion: chosen, rejected: rejected))
        }

        mutating func pair(_ prompt: TemplateText, _ completion: TemplateText) -> Kind {
            guard let prompt = add(prompt), let completion = add(completion) else { return .none }
            return .template(Shape(form: .promptCompletion, prompt: prompt, completion: completion))
        }

        /// Adds the parts of a text; nothing where it reaches into lists and objects.
        mutating func add(_ text: TemplateText) -> Range<Int>? {
            let start = parts.count
            for part in text.parts {
                switch part {
                case .literal(let text): addLiteral(text)
                case .field(let path):
                    guard path.keys.isEmpty else { return nil }
                    let key = Array(path.field.utf8)
                    let place = keys.firstIndex(of: key) ?? keys.count
                    if place == keys.count { keys.append(key) }
                    parts.append(.field(place, isText: true))
                }
            }
            return start..<parts.count
        }

        private mutating func addLiteral(_ text: String) {
            let start = literals.count
            literals += text.utf8
            let end = literals.count
            literals.appendEscaped(text.utf8Span.span)
            parts.append(.literal(start..<end, escaped: end..<literals.count))
        }
    }

    /// Renders the row that starts at a place; where its line ends, or nothing where the row is declined.
    func render(_ bytes: borrowing Span<UInt8>, from start: Int, into row: inout RowBuffers) -> Int? {
        if case .none = kind { return nil }
        guard let end = row.scanner.scanLine(bytes, from: start) else { return nil }
        find(bytes, &row)
        guard let shape = shape(of: row), write(shape, bytes, &row) else { return nil }
        row.form = shape.form
        return end
    }

    private func shape(of row: borrowing RowBuffers) -> Shape? {
        switch kind {
        case .template(let shape): return shape
        case .plain(let pair, let preference, let text):
            let prefers = row.places[4] != nil && row.places[5] != nil
            switch (row.places[0], row.places[1], row.places[2], row.places[3], prefers) {
            case (_?, _?, nil, nil, false): return pair
            case (_?, nil, nil, nil, true): return preference
            case (nil, nil, _?, nil, false): return text
            default: return nil
            }
        case .none: return nil
        }
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

    /// Writes the row's canonical JSON, as `RenderedRow.write` does; whether it could.
    private func write(_ shape: Shape, _ bytes: borrowing Span<UInt8>, _ row: inout RowBuffers) -> Bool {
        row.line.clear()
        row.line.append(Self.start(of: shape.form))
        guard writeFilled(shape.completion, bytes, &row) else { return false }
        if shape.form != .text {
            row.line.append(Self.prompt)
            guard write(shape.prompt, bytes, &row) else { return false }
        }
        if shape.form == .preference {
            row.line.append(Self.rejected)
            guard writeFilled(shape.rejected, bytes, &row) else { return false }
        }
        row.line.append(Self.end)
        return true
    }

    private static func start(of form: RenderedRow.Form) -> [UInt8] {
        switch form {
        case .promptCompletion: completion
        case .preference: chosen
        case .text, .messages: text
        }
    }

    private static let completion = Array("{\"completion\":\"".utf8)
    private static let chosen = Array("{\"chosen\":\"".utf8)
    private static let prompt = Array("\",\"prompt\":\"".utf8)
    private static let rejected = Array("\",\"rejected\":\"".utf8)
    private static let text = Array("{\"text\":\"".utf8)
    private static let end = Array("\"}".utf8)

    private func writeFilled(_ places: Range<Int>, _ bytes: borrowing Span<UInt8>, _ row: inout RowBuffers) -> Bool {
        let start = row.line.count
        return write(places, bytes, &row) && row.line.count > start
    }

    private func write(_ places: Range<Int>, _ bytes: borrowing Span<UInt8>, _ row: inout RowBuffers) -> Bool {
        for place in places {
            switch parts[place] {
            case .literal(_, let escaped): row.line.append(literals.span, escaped)
            case .field(let key, let isText):
                guard let place = row.places[key] else { return false }
                let member = row.scanner.members[place]
                switch member.kind {
                case .string, .escapedString: row.line.append(bytes, member.value)
                case .looselyEscapedString:
                    row.line.appendCanonical(bytes, member.value, escapes: row.scanner.escapes[member.escapes])
                default:
                    guard isText, let text = Self.text(of: member, bytes) else { return false }
                    row.line.append(text)
                }
                guard row.line.count <= limit else { return false }
            }
        }
        return true
    }

    /// What Python's `str` says of a value that is no string; it has nothing in it that JSON escapes.
    private static func text(of member: JSONMemberScanner.Member, _ bytes: borrowing Span<UInt8>) -> [UInt8]? {
        switch member.kind {
        case .true: return Array("True".utf8)
        case .false: return Array("False".utf8)
        case .null: return Array("None".utf8)
        case .integer, .decimal:
            var literal: [UInt8] = []
            literal.append(bytes, member.value)
            let number = JSONNumber(literal: String(decoding: literal, as: UTF8.self))
            return PythonText.text(of: .number(number)).map { Array($0.utf8) }
        case .string, .escapedString, .looselyEscapedString, .nested: return nil
        }
    }

    /// The estimated tokens of the texts of the row that was rendered last.
    func tokens(_ bytes: borrowing Span<UInt8>, _ row: inout RowBuffers) -> Int {
        guard let shape = shape(of: row) else { return 0 }
        let (prompt, completion) = (tokens(shape.prompt, bytes, &row), tokens(shape.completion, bytes, &row))
        guard shape.form == .preference else { return prompt + completion }
        return 2 * prompt + completion + tokens(shape.rejected, bytes, &row)
    }

    private func tokens(_ places: Range<Int>, _ bytes: borrowing Span<UInt8>, _ row: inout RowBuffers) -> Int {
        row.text.removeAll(keepingCapacity: true)
        for place in places {
            switch parts[place] {
            case .literal(let literal, _): row.text.append(literals.span, literal)
            case .field(let key, _):
                guard let place = row.places[key] else { return 0 }
                let member = row.scanner.members[place]
                switch member.kind {
                case .string: row.text.append(bytes, member.value)
                case .escapedString, .looselyEscapedString: row.text.appendUnescaped(bytes, member.value)
                default: row.text.append(contentsOf: Self.text(of: member, bytes) ?? [])
                }
            }
        }
        return TokenEstimator.tokens(in: row.text.span)
    }
}

/// What rendering rows one after the other works in, kept so that a row costs no memory of its own.
struct RowBuffers: ~Copyable {
    fileprivate var scanner = JSONMemberScanner()
    /// For each key of the program, its member's place.
    fileprivate var places: [Int?] = []
    /// A text of the row, its escapes undone.
    fileprivate var text: [UInt8] = []
    /// The form of the row that was rendered last.
    fileprivate(set) var form = RenderedRow.Form.text
    /// Its canonical JSON.
    var line = JSONLine()
}

extension Span<UInt8> {
    fileprivate func isEqual(in range: Range<Int>, to key: [UInt8]) -> Bool {
        guard range.count == key.count else { return false }
        for offset in 0..<key.count where self[range.lowerBound + offset] != key[offset] { return false }
        return true
    }
}
