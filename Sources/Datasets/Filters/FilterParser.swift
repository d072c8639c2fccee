//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import JSON

/// Reads a filter: `or` binds least, then `and`, `not`, comparisons.
struct FilterParser {
    private static let depthLimit = 50
    private static let comparisons: Set<String> = ["==", "!=", "<", "<=", ">", ">="]
    private static let words: Set<String> = ["and", "or", "not", "contains", "matches", "true", "false", "null"]

    private let tokens: [FilterToken]
    private var index = 0
    private var depth = 0
    private(set) var patterns: [TextPattern] = []
    /// The fields of rows that the filter names, each with where it does so first.
    private(set) var fields: [(name: String, offset: Int)] = []

    init(_ text: String) throws(FilterError) {
        var lexer = FilterLexer(text)
        tokens = try lexer.tokens()
    }

    mutating func parse() throws(FilterError) -> FilterExpression {
        let start = token.offset
        let expression = try any()
        if case .end = token.kind {
            return try boolean(expression, at: start)
        }
        throw unexpected("expected `and`, `or` or the end")
    }

    private var token: FilterToken { tokens[index] }

    private func unexpected(_ expected: String) -> FilterError {
        let found =
            switch token.kind {
            case .name(let text), .number(let text), .symbol(let text): "found \(quoted(text))"
            case .text(let text): "found the text \(quoted(text))"
            case .field(let path): "found the field \(quoted(path.text))"
            case .end: "the filter ends here"
            }
        return FilterError("\(expected); \(found)", at: token.offset)
    }

    private mutating func take(_ word: String) -> Bool {
        switch token.kind {
        case .name(word), .symbol(word):
            index += 1
            return true
        default: return false
        }
    }

    // MARK: Truth

    private mutating func any() throws(FilterError) -> FilterExpression {
        depth += 1
        defer { depth -= 1 }
        guard depth < Self.depthLimit else { throw FilterError("nested too deeply", at: token.offset) }
        let start = token.offset
        var parts = [try all()]
        while take("or") {
            if parts.count == 1 { parts[0] = try boolean(parts[0], at: start) }
            let place = token.offset
            parts.append(try boolean(try all(), at: place))
        }
        return parts.count == 1 ? parts[0] : .any(parts)
    }

    private mutating func all() throws(FilterError) -> FilterExpression {
        let start = token.offset
        var parts = [try negation()]
        while take("and") {
            if parts.count == 1 { parts[0] = try boolean(parts[0], at: start) }
            let place = token.offset
            parts.append(try boolean(try negation(), at: place))
        }
        return parts.count == 1 ? parts[0] : .all(parts)
    }

    private mutating func negation() throws(FilterError) -> FilterExpression {
        var isNegated = false
        var hasNot = false
        while take("not") {
            isNegated.toggle()
            hasNot = true
        }
        let start = token.offset
        let expression = try comparison()
        guard hasNot else { return expression }
        let inner = try boolean(expression, at: start)
        return isNegated ? .not(inner) : inner
    }

    private func boolean(_ expression: FilterExpression, at offset: Int) throws(FilterError) -> FilterExpression {
        switch expression.kind {
        case .boolean, .open: return expression
        case let kind: throw FilterError("expected something true or false, found \(kind.rawValue)", at: offset)
        }
    }

    // MARK: Comparisons

    private mutating func comparison() throws(FilterError) -> FilterExpression {
        let start = token.offset
        let left = try operand()
        let place = token.offset
        if case .symbol(let text) = token.kind, Self.comparisons.contains(text),
            let comparison = FilterExpression.Comparison(rawValue: text)
        {
            index += 1
            let right = try operand()
            try check(comparison, left, right, at: place)
            if case .symbol(let text) = token.kind, Self.comparisons.contains(text) {
                throw FilterError("comparisons do not chain: write `a < b and b < c`", at: token.offset)
            }
            return .comparison(comparison, left, right)
        }
        if take("contains") { return .contains(try textual(left, "contains", at: start), try operand()) }
        if take("matches") { return .matches(try textual(left, "matches", at: start), try pattern()) }
        return left
    }

    private func textual(
        _ expression: FilterExpression,
        _ word: String,
        at offset: Int
    ) throws(FilterError) -> FilterExpression {
        switch expression.kind {
        case .text, .open: return expression
        case let kind: throw FilterError("`\(word)` looks into text, found \(kind.rawValue)", at: offset)
        }
    }

    private func check(
        _ comparison: FilterExpression.Comparison,
        _ left: FilterExpression,
        _ right: FilterExpression,
        at offset: Int
    ) throws(FilterError) {
        let isOrder = comparison != .equal && comparison != .unequal
        let kinds = [left.kind, right.kind]
        if isOrder, kinds.contains(.null) {
            throw FilterError("`\(comparison.rawValue)` cannot order null; compare with `==` or `!=`", at: offset)
        }
        if isOrder, kinds.contains(.boolean) {
            throw FilterError("`\(comparison.rawValue)` orders numbers or texts", at: offset)
        }
        guard !kinds.contains(.open), !kinds.contains(.null), kinds[0] != kinds[1] else { return }
        throw FilterError("\(kinds[0].rawValue) is never compared with \(kinds[1].rawValue)", at: offset)
    }

    private mutating func pattern() throws(FilterError) -> Int {
        guard case .text(let text) = token.kind else { throw unexpected("`matches` takes a pattern in quotes") }
        do throws(PatternError) {
            patterns.append(try TextPattern(text))
        } catch {
            throw FilterError(error.message, at: token.offset + (token.isPlain ? 1 + error.offset : 0))
        }
        index += 1
        return patterns.count - 1
    }

    // MARK: Operands

    private mutating func operand() throws(FilterError) -> FilterExpression {
        let token = token
        switch token.kind {
        case .number(let literal):
            index += 1
            return .literal(.number(JSONNumber(literal: literal)))
        case .text(let text):
            index += 1
            return .literal(.string(text))
        case .field(let path):
            index += 1
            return field(path, at: token.offset)
        case .name(let name): return try named(name, at: token.offset)
        case .symbol("("):
            index += 1
            let inner = try any()
            guard take(")") else { throw unexpected("expected `)`") }
            return inner
        case .symbol, .end: throw unexpected("expected a field, a value or `(`")
        }
    }

    private mutating func named(_ name: String, at offset: Int) throws(FilterError) -> FilterExpression {
        switch name {
        case "true", "false":
            index += 1
            return .literal(.bool(name == "true"))
        case "null":
            index += 1
            return .literal(.null)
        case _ where Self.words.contains(name): throw unexpected("expected a field, a value or `(`")
        default: break
        }
        index += 1
        guard take("(") else { return field(FieldPath(field: name, keys: try keys()), at: offset) }
        let start = token.offset
        let argument = try any()
        guard take(")") else { throw unexpected("expected `)`") }
        switch (name, argument.kind) {
        case ("length", .text), ("length", .open): return .length(argument)
        case ("length", let kind):
            throw FilterError("`length` measures text and lists, not \(kind.rawValue)", at: start)
        case ("number", .text), ("number", .number), ("number", .open): return .number(argument)
        case ("number", let kind): throw FilterError("`number` reads text, not \(kind.rawValue)", at: start)
        default: throw FilterError("there is no \(quoted(name)): there are `length` and `number`", at: offset)
        }
    }

    private mutating func keys() throws(FilterError) -> [FieldPath.Key] {
        var keys: [FieldPath.Key] = []
        while take("[") {
            switch token.kind {
            case .name(let name): keys.append(.member(name))
            case .text(let name): keys.append(.member(name))
            case .number(let literal):
                guard let index = Int(literal), index >= 0 else {
                    throw unexpected("an element's number counts from 0")
                }
                keys.append(.index(index))
            default: throw unexpected("expected a name or a number")
            }
            index += 1
            guard take("]") else { throw unexpected("expected `]`") }
        }
        return keys
    }

    private mutating func field(_ path: FieldPath, at offset: Int) -> FilterExpression {
        if !fields.contains(where: { $0.name.isIdentical(to: path.field) }) { fields.append((path.field, offset)) }
        return .field(path)
    }
}
