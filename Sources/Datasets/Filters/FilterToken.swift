//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// A word of a filter, with its place in the text.
struct FilterToken: Hashable, Sendable {
    enum Kind: Hashable, Sendable {
        case name(String)
        /// A field in braces, as a template names it.
        case field(FieldPath)
        case number(String)
        case text(String)
        /// An operator, a parenthesis or a bracket.
        case symbol(String)
        case end
    }

    var kind: Kind
    /// In Unicode scalars from 0.
    var offset: Int
    /// For a text: where its characters begin. They stand as they are written but for doubled quotes.
    var isPlain = true
}

/// Cuts a filter into words.
struct FilterLexer {
    private static let symbols = ["==", "!=", "<=", ">=", "<", ">", "(", ")", "[", "]"]
    private static let advice = [
        "=": "write `==` to compare", "!": "write `not`", "&": "write `and`", "|": "write `or`",
        "~": "write `matches`", ".": "write `a[b]` for `a.b`, and `0.5` for `.5`",
    ]

    private let scalars: [UnicodeScalar]
    private var index = 0

    init(_ text: String) { scalars = Array(text.unicodeScalars) }

    /// All words, the last of which is the end.
    mutating func tokens() throws(FilterError) -> [FilterToken] {
        var tokens: [FilterToken] = []
        while true {
            while index < scalars.count, scalars[index].properties.isWhitespace { index += 1 }
            guard index < scalars.count else {
                return tokens + [FilterToken(kind: .end, offset: index)]
            }
            tokens.append(try token())
        }
    }

    private mutating func token() throws(FilterError) -> FilterToken {
        let start = index
        let scalar = scalars[index]
        if scalar == "'" || scalar == "\"" { return try text(scalar) }
        if scalar == "{" { return try field() }
        if Self.isDigit(scalar) || scalar == "-" { return try number() }
        if Self.isLetter(scalar) {
            while index < scalars.count, Self.isLetter(scalars[index]) || Self.isDigit(scalars[index]) { index += 1 }
            return FilterToken(kind: .name(text(start..<index)), offset: start)
        }
        for symbol in Self.symbols where scalars[index...].starts(with: symbol.unicodeScalars) {
            index += symbol.unicodeScalars.count
            return FilterToken(kind: .symbol(symbol), offset: start)
        }
        let advice = Self.advice[String(scalar)].map { ": \($0)" } ?? ""
        throw FilterError("unexpected \(quoted(String(scalar)))\(advice)", at: start)
    }

    private func text(_ range: Range<Int>) -> String {
        var text = String.UnicodeScalarView()
        text.append(contentsOf: scalars[range])
        return String(text)
    }

    static func isLetter(_ scalar: UnicodeScalar) -> Bool { scalar == "_" || scalar.properties.isAlphabetic }

    static func isDigit(_ scalar: UnicodeScalar) -> Bool { (0x30...0x39).contains(scalar.value) }

    /// A text stands for itself, backslashes too, so that patterns need no second escape; a quote in it is doubled.
    private mutating func text(_ quote: UnicodeScalar) throws(FilterError) -> FilterToken {
        let start = index
        var text = String.UnicodeScalarView()
        var isPlain = true
        index += 1
        while index < scalars.count {
            let scalar = scalars[index]
            index += 1
            if scalar == quote {
                guard index < scalars.count, scalars[index] == quote else {
                    return FilterToken(kind: .text(String(text)), offset: start, isPlain: isPlain)
                }
                isPlain = false
                index += 1
            }
            text.append(scalar)
        }
        throw FilterError("a text without its closing \(quote)", at: start)
    }

    private mutating func field() throws(FilterError) -> FilterToken {
        let start = index
        guard let end = scalars[start...].firstIndex(of: "}") else {
            throw FilterError("a `{` without its `}`", at: start)
        }
        index = end + 1
        do throws(TemplateError) {
            return FilterToken(kind: .field(try FieldPath.read(scalars[(start + 1)..<end])), offset: start)
        } catch {
            throw FilterError(error.message, at: error.offset)
        }
    }

    private mutating func number() throws(FilterError) -> FilterToken {
        let start = index
        if scalars[index] == "-" { index += 1 }
        while index < scalars.count, Self.isDigit(scalars[index]) || ".eE_".unicodeScalars.contains(scalars[index]) {
            let isExponent = "eE".unicodeScalars.contains(scalars[index])
            index += 1
            if isExponent, index < scalars.count, "+-".unicodeScalars.contains(scalars[index]) { index += 1 }
        }
        let literal = text(start..<index)
        guard !literal.contains("_"), Double(literal) != nil, literal.last != "." else {
            throw FilterError("\(quoted(literal)) is no number", at: start)
        }
        return FilterToken(kind: .number(literal), offset: start)
    }
}
