//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import JSON

/// What tells rows apart: the texts of the fields that they are rendered from.
///
/// Fields that no template reads, such as an id, make no other row; and a template of other words finds the same rows
/// equal, and shuffles them alike.
struct RowIdentity: Sendable {
    private let paths: [FieldPath]
    private let latest: [String]

    /// The identity of rows that a template renders, or of rows that are rendered already.
    init(_ template: CompiledTemplate?) {
        switch template?.form {
        case .promptCompletion(let prompt, let completion): paths = Self.paths([prompt, completion])
        case .preference(let prompt, let chosen, let rejected): paths = Self.paths([prompt, chosen, rejected])
        case .text(let text): paths = Self.paths([text])
        case .messages(let field): paths = [FieldPath(field: field, keys: [])]
        case nil: paths = Self.plain.map { FieldPath(field: $0, keys: []) }
        }
        latest = template == nil ? Self.latest : []
    }

    /// The fields of rows that are rendered already.
    static let plain = ["prompt", "completion", "text", "messages"] + latest
    /// Those of them that came later: rows without them are told apart as they were before.
    private static let latest = ["chosen", "rejected"]

    private static func paths(_ texts: [TemplateText]) -> [FieldPath] {
        var paths: [FieldPath] = []
        for part in texts.flatMap(\.parts) {
            if case .field(let path) = part, !paths.contains(path) { paths.append(path) }
        }
        return paths
    }

    /// The fields that are looked at.
    var fields: [String] { paths.map(\.field) }

    /// Appends the texts, each behind a byte that no text has.
    func write(_ row: JSONObject, to out: inout [UInt8]) {
        for path in paths {
            if latest.contains(path.field), row[path.field] == nil { continue }
            out.append(0xFF)
            guard let value = try? path.value(in: row) else { continue }
            if let text = PythonText.text(of: value) {
                out.append(contentsOf: text.utf8)
            } else {
                CanonicalJSON.write(value, to: &out)
            }
        }
    }
}

/// Reads some fields of rows, and no more of them than that takes.
struct RowFields {
    private let keys: [(text: String, bytes: [UInt8])]
    private var scanner = JSONMemberScanner()

    init(_ names: [String]) {
        var keys: [(text: String, bytes: [UInt8])] = []
        for name in names where !keys.contains(where: { $0.text.isIdentical(to: name) }) {
            keys.append((name, Array(name.utf8)))
        }
        self.keys = keys
    }

    /// The fields of the row that takes up a range of a block; nothing where there is no row.
    mutating func read(_ block: LineBlock, _ range: Range<Int>) -> JSONObject? {
        guard scanner.scanLine(block.span, from: range.lowerBound) == range.upperBound else {
            return (try? JSONParser.parse(block[range]))?.object
        }
        var row = JSONObject()
        for member in scanner.members {
            guard let key = keys.first(where: { block[member.key].elementsEqual($0.bytes) }) else { continue }
            let isText = block[member.value.lowerBound - 1] == UInt8(ascii: "\"")
            let place = isText ? (member.value.lowerBound - 1)..<(member.value.upperBound + 1) : member.value
            guard let value = try? JSONParser.parse(block[place]) else { return nil }
            row[key.text] = value
        }
        return row
    }
}
