//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// A pattern as its text says it.
indirect enum PatternNode: Hashable, Sendable {
    case nothing
    case set(ScalarSet)
    case assertion(PatternAssertion)
    case sequence([PatternNode])
    case choice([PatternNode])
    case repetition(PatternNode, least: Int, most: Int?)
}

/// What holds at a place between two characters.
enum PatternAssertion: Hashable, Sendable {
    case textStart
    case textEnd
    case lineStart
    case lineEnd
    case wordBoundary
    case noWordBoundary
}

/// What is wrong with a pattern, and where in its text, in Unicode scalars from 0.
struct PatternError: Error, Hashable, Sendable {
    let message: String
    let offset: Int
}

/// Reads a pattern: RE2's syntax without `\p`, named classes and flags within.
struct PatternParser {
    private static let depthLimit = 50
    private static let repetitionLimit = 1000

    private let scalars: [UnicodeScalar]
    private var index = 0
    private var depth = 0
    private var ignoresCase = false
    /// Sets that were found already: a large one takes a while, and a pattern may be full of it.
    private var ignoringCase: [ScalarSet: ScalarSet] = [:]
    private var dotTakesNewline = false
    private var isMultiline = false

    init(_ text: String) { scalars = Array(text.unicodeScalars) }

    mutating func parse() throws(PatternError) -> PatternNode {
        try flags()
        let node = try choice()
        guard index == scalars.count else { throw error("a `)` without its `(`") }
        return node
    }

    private func error(_ message: String, at place: Int? = nil) -> PatternError {
        PatternError(message: message, offset: place ?? index)
    }

    private var next: UnicodeScalar? { index < scalars.count ? scalars[index] : nil }

    private mutating func take(_ scalar: UnicodeScalar) -> Bool {
        guard next == scalar else { return false }
        index += 1
        return true
    }

    private mutating func take(_ text: String) -> Bool {
        let wanted = Array(text.unicodeScalars)
        guard scalars[index...].starts(with: wanted) else { return false }
        index += wanted.count
        return true
    }

    private mutating func flags() throws(PatternError) {
        while scalars[index...].starts(with: "(?".unicodeScalars), index + 2 < scalars.count,
            "ims".unicodeScalars.contains(scalars[index + 2])
        {
            index += 2
            while let flag = next, flag != ")" {
                switch flag {
                case "i": ignoresCase = true
                case "m": isMultiline = true
                case "s": dotTakesNewline = true
                default: throw error("flags are `i`, `m` and `s`, at the start and for all of the pattern")
                }
                index += 1
            }
            guard take(")") else { throw error("flags end with `)`") }
        }
    }

    private mutating func choice() throws(PatternError) -> PatternNode {
        depth += 1
        defer { depth -= 1 }
        guard depth < Self.depthLimit else { throw error("groups are nested too deeply") }
        var branches = [try sequence()]
        while take("|") { branches.append(try sequence()) }
        return branches.count == 1 ? branches[0] : .choice(branches)
    }

    private mutating func sequence() throws(PatternError) -> PatternNode {
        var nodes: [PatternNode] = []
        while let scalar = next, scalar != "|", scalar != ")" {
            let start = index
            let atom = try atom()
            nodes.append(try repeated(atom, from: start))
        }
        return nodes.count == 1 ? nodes[0] : nodes.isEmpty ? .nothing : .sequence(nodes)
    }

    private mutating func repeated(_ atom: PatternNode, from start: Int) throws(PatternError) -> PatternNode {
        let node: PatternNode
        switch next {
        case "*": node = .repetition(atom, least: 0, most: nil)
        case "+": node = .repetition(atom, least: 1, most: nil)
        case "?": node = .repetition(atom, least: 0, most: 1)
        case "{":
            guard let (least, most) = try counts() else { return atom }
            node = .repetition(atom, least: least, most: most)
            index -= 1
        default: return atom
        }
        index += 1
        // A lazy repetition finds another match and not another answer.
        _ = take("?")
        let place = index
        let isRepeated = next == "{" ? try counts() != nil : next.map { "*+?".unicodeScalars.contains($0) } ?? false
        index = place
        if isRepeated { throw error("a repetition cannot be repeated: put it into a group") }
        return node
    }

    /// `{m}`, `{m,}` or `{m,n}`; any other brace stands for itself.
    private mutating func counts() throws(PatternError) -> (Int, Int?)? {
        let start = index
        index += 1
        guard let least = number() else {
            index = start
            return nil
        }
        var most: Int? = least
        if take(",") { most = number() }
        guard take("}") else {
            index = start
            return nil
        }
        guard least <= Self.repetitionLimit, most ?? 0 <= Self.repetitionLimit else {
            throw error("a repetition takes at most \(Self.repetitionLimit)", at: start)
        }
        if let most, most < least { throw error("a repetition takes its lower number first", at: start) }
        return (least, most)
    }

    private mutating func number() -> Int? {
        var value: Int?
        while let scalar = next, let digit = Int(String(scalar)), scalar.isASCII {
            value = min((value ?? 0) * 10 + digit, 1 << 20)
            index += 1
        }
        return value
    }

    private mutating func atom() throws(PatternError) -> PatternNode {
        let start = index
        let scalar = scalars[index]
        index += 1
        switch scalar {
        case ".": return .set(dotTakesNewline ? .all : ScalarSet.newline.inverted)
        case "^": return .assertion(isMultiline ? .lineStart : .textStart)
        case "$": return .assertion(isMultiline ? .lineEnd : .textEnd)
        case "*", "+", "?": throw error("nothing to repeat before `\(scalar)`", at: start)
        case "(": return try group(from: start)
        case "[": return .set(try bracket(from: start))
        case "\\": return try escape(from: start)
        default: return .set(cased(ScalarSet(scalar)))
        }
    }

    private mutating func cased(_ set: ScalarSet) -> ScalarSet {
        guard ignoresCase else { return set }
        if let known = ignoringCase[set] { return known }
        let found = set.ignoringCase
        ignoringCase[set] = found
        return found
    }

    private mutating func group(from start: Int) throws(PatternError) -> PatternNode {
        if take("?"), !take(":") {
            throw error("groups are `(…)` and `(?:…)`; flags such as `(?i)` stand at the start", at: start)
        }
        let node = try choice()
        guard take(")") else { throw error("a `(` without its `)`", at: start) }
        return node
    }

    private mutating func escape(from start: Int) throws(PatternError) -> PatternNode {
        switch next {
        case "b": index += 1; return .assertion(.wordBoundary)
        case "B": index += 1; return .assertion(.noWordBoundary)
        case "A": index += 1; return .assertion(.textStart)
        case "z": index += 1; return .assertion(.textEnd)
        default: return .set(cased(try escapedSet(from: start)))
        }
    }

    private mutating func escapedSet(from start: Int) throws(PatternError) -> ScalarSet {
        guard let scalar = next else { throw error("a `\\` at the end", at: start) }
        index += 1
        switch scalar {
        case "d": return .digits
        case "D": return ScalarSet.digits.inverted
        case "w": return .wordCharacters
        case "W": return ScalarSet.wordCharacters.inverted
        case "s": return .spaces
        case "S": return ScalarSet.spaces.inverted
        case "n": return ScalarSet("\n")
        case "r": return ScalarSet("\r")
        case "t": return ScalarSet("\t")
        case "f": return ScalarSet("\u{0C}")
        default:
            let isPlain = !scalar.isASCII || !scalar.properties.isAlphabetic && scalar.properties.numericType == nil
            if isPlain { return ScalarSet(scalar) }
            let hint = scalar.properties.numericType == nil ? "" : ": a pattern cannot refer back"
            throw error("unknown escape `\\\(scalar)`\(hint)", at: start)
        }
    }

    private mutating func bracket(from start: Int) throws(PatternError) -> ScalarSet {
        let isInverted = take("^")
        var set = ScalarSet([])
        var isFirst = true
        while let scalar = next, scalar != "]" || isFirst {
            isFirst = false
            if scalar == "[", index + 1 < scalars.count, scalars[index + 1] == ":" {
                throw error("named classes such as `[:alpha:]` are not supported")
            }
            set = set.union(try range())
        }
        guard take("]") else { throw error("a `[` without its `]`", at: start) }
        set = cased(set)
        return isInverted ? set.inverted : set
    }

    private mutating func range() throws(PatternError) -> ScalarSet {
        let start = index
        let first = try member()
        guard next == "-", index + 1 < scalars.count, scalars[index + 1] != "]" else { return first }
        index += 1
        let last = try member()
        guard let low = first.single, let high = last.single, low <= high else {
            throw error("a range goes from a lower character to a higher one", at: start)
        }
        return ScalarSet([low...high])
    }

    private mutating func member() throws(PatternError) -> ScalarSet {
        let start = index
        guard let scalar = next else { throw error("a `[` without its `]`") }
        index += 1
        return scalar == "\\" ? try escapedSet(from: start) : ScalarSet(scalar)
    }
}

extension ScalarSet {
    /// The one scalar that the set has.
    fileprivate var single: UInt32? {
        guard ranges.count == 1, ranges[0].count == 1 else { return nil }
        return ranges[0].lowerBound
    }
}
