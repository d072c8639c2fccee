//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import JSON

/// What a filter does with values of a row.
enum FilterOperation {
    /// A value with what errors call it.
    struct Operand {
        var value: JSONValue
        var name: String?

        /// What it is, for errors.
        var description: String { name.map { "\(quoted($0)) is \(value.kind)" } ?? "there is \(value.kind)" }
    }

    static func truth(_ operand: Operand) throws(RenderError) -> Bool {
        switch operand.value {
        case .bool(let value): return value
        case .null: return false
        default: throw RenderError("filter: \(operand.description), where something true or false is expected")
        }
    }

    static func compare(
        _ comparison: FilterExpression.Comparison,
        _ left: Operand,
        _ right: Operand
    ) throws(RenderError) -> Bool {
        switch (left.value, right.value) {
        case (.null, .null): return comparison == .equal
        case (.null, _), (_, .null): return comparison == .unequal
        case (.number(let one), .number(let other)):
            if let one = one.int, let other = other.int { return holds(comparison, one, other) }
            return holds(comparison, one.double, other.double)
        case (.string(let one), .string(let other)): return compare(comparison, one, other)
        case (.bool(let one), .bool(let other)) where comparison == .equal || comparison == .unequal:
            return (one == other) == (comparison == .equal)
        default: break
        }
        let hint = hint(left, right) ?? hint(right, left) ?? ""
        let what = left.name == nil && right.name != nil ? (right, left) : (left, right)
        throw RenderError(
            "filter: \(what.0.description), and `\(comparison.rawValue)` compares it with \(what.1.value.kind)\(hint)"
        )
    }

    /// What to write where a text stands for a number, as in each field of CSV.
    private static func hint(_ one: Operand, _ other: Operand) -> String? {
        guard case (.string, .number) = (one.value, other.value), let name = one.name else { return nil }
        return "; write number(\(name))"
    }

    private static func holds<Value: Comparable>(
        _ comparison: FilterExpression.Comparison,
        _ left: Value,
        _ right: Value
    ) -> Bool {
        switch comparison {
        case .equal: left == right
        case .unequal: left != right
        case .less: left < right
        case .atMost: left <= right
        case .greater: left > right
        case .atLeast: left >= right
        }
    }

    /// Texts are the same where their bytes are, and ordered as their scalars are.
    private static func compare(
        _ comparison: FilterExpression.Comparison,
        _ left: String,
        _ right: String
    ) -> Bool {
        switch comparison {
        case .equal: return left.isIdentical(to: right)
        case .unequal: return !left.isIdentical(to: right)
        default: break
        }
        let isLess = left.utf8.lexicographicallyPrecedes(right.utf8)
        let isGreater = right.utf8.lexicographicallyPrecedes(left.utf8)
        return switch comparison {
        case .less: isLess
        case .atMost: !isGreater
        case .greater: isGreater
        default: !isLess
        }
    }

    static func contains(_ whole: Operand, _ part: Operand) throws(RenderError) -> Bool {
        switch (whole.value, part.value) {
        case (.null, _), (_, .null): return false
        case (.string(let text), .string(let part)): return text.utf8.contains(part.utf8)
        case (.array(let elements), let part):
            for element in elements where try compare(.equal, sameKind: element, part) { return true }
            return false
        case (.string, _):
            throw RenderError("filter: `contains` looks for text in text, and \(part.description)")
        default: throw RenderError("filter: `contains` looks into text and lists, and \(whole.description)")
        }
    }

    private static func compare(
        _ comparison: FilterExpression.Comparison,
        sameKind left: JSONValue,
        _ right: JSONValue
    ) throws(RenderError) -> Bool {
        switch (left, right) {
        case (.number, .number), (.string, .string), (.bool, .bool):
            return try compare(comparison, Operand(value: left), Operand(value: right))
        default: return false
        }
    }

    /// The text of an operand, nothing of null.
    static func text(_ operand: Operand, for word: String) throws(RenderError) -> String? {
        switch operand.value {
        case .string(let text): return text
        case .null: return nil
        default: throw RenderError("filter: `\(word)` looks into text, and \(operand.description)")
        }
    }

    static func length(_ operand: Operand) throws(RenderError) -> Operand {
        let name = operand.name.map { "length(\($0))" }
        switch operand.value {
        case .string(let text): return Operand(value: .int(text.unicodeScalars.count), name: name)
        case .array(let elements): return Operand(value: .int(elements.count), name: name)
        case .object(let object): return Operand(value: .int(object.members.count), name: name)
        case .null: return Operand(value: .null, name: name)
        default: throw RenderError("filter: `length` measures text and lists, and \(operand.description)")
        }
    }

    static func number(_ operand: Operand) throws(RenderError) -> Operand {
        let name = operand.name.map { "number(\($0))" }
        switch operand.value {
        case .number, .null: return Operand(value: operand.value, name: name)
        case .string(let text):
            let bare = text.trimming { $0 == " " }
            if bare.isEmpty { return Operand(value: .null, name: name) }
            guard let value = try? JSONParser.parse(Array(bare.utf8)[...]), case .number = value else {
                let place = operand.name.map { "\(quoted($0)) is" } ?? "there is"
                throw RenderError("filter: \(place) the text \(quoted(bare)) and no number")
            }
            return Operand(value: value, name: name)
        default: throw RenderError("filter: `number` reads text, and \(operand.description)")
        }
    }
}

extension String {
    fileprivate func trimming(_ belongs: (Character) -> Bool) -> String {
        let start = drop(while: belongs)
        guard let last = start.lastIndex(where: { !belongs($0) }) else { return "" }
        return String(start[...last])
    }
}
