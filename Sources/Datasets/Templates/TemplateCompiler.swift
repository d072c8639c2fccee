//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import JSON

/// Reads a template's text by the rules of Python's `str.format`, and refuses what names no field.
struct TemplateCompiler {
    private static let hint = "write '{{' for a brace"
    /// How many mistakes of one text are told.
    private static let problemLimit = 10
    /// Fields that a text may name, each as often as it does.
    private static let fieldLimit = 1000

    private let scalars: [UnicodeScalar]
    private var index = 0
    private var parts: [TemplateText.Part] = []
    private var literal = String.UnicodeScalarView()
    /// Where the name of each field begins that was read.
    private var offsets: [(field: String, offset: Int)] = []

    init(_ text: String) { scalars = Array(text.unicodeScalars) }

    mutating func compile() throws(TemplateError) -> TemplateText {
        while index < scalars.count {
            let scalar = scalars[index]
            if scalar != "{", scalar != "}" {
                literal.append(scalar)
                index += 1
            } else if index + 1 < scalars.count, scalars[index + 1] == scalar {
                literal.append(scalar)
                index += 2
            } else if scalar == "}" {
                throw TemplateError("a single '}': write '}}' for a brace", at: index)
            } else {
                try field()
            }
        }
        flush()
        return TemplateText(parts: parts)
    }

    /// All that is wrong with the text; behind a mistake reading goes on after the next brace that ends a field.
    mutating func problems() -> [TemplateError] {
        var found: [TemplateError] = []
        while found.count < Self.problemLimit {
            do throws(TemplateError) {
                _ = try compile()
                return found
            } catch {
                found.append(error)
                if offsets.count >= Self.fieldLimit { return found }
                let end = scalars[min(error.offset, scalars.count)...].firstIndex(of: "}")
                index = end.map { $0 + 1 } ?? scalars.count
            }
        }
        return found
    }

    /// Where the text first names a field.
    mutating func offset(of field: String) -> Int? {
        _ = try? compile()
        return offsets.first { $0.field.isIdentical(to: field) }?.offset
    }

    private mutating func flush() {
        guard !literal.isEmpty else { return }
        parts.append(.literal(String(literal)))
        literal = String.UnicodeScalarView()
    }

    private mutating func field() throws(TemplateError) {
        let start = index
        guard start + 1 < scalars.count else {
            throw TemplateError("a single '{': \(Self.hint)", at: start)
        }
        guard offsets.count < Self.fieldLimit else {
            throw TemplateError("more than \(Self.fieldLimit) fields", at: start)
        }
        index += 1
        let end = try fieldEnd(from: start)
        flush()
        let path = try FieldPath.read(scalars[index..<end])
        offsets.append((path.field, index))
        parts.append(.field(path))
        index = end + 1
    }

    /// Where the field ends that begins behind a brace. As in Python, a bracket hides all up to its end.
    private func fieldEnd(from start: Int) throws(TemplateError) -> Int {
        var place = index
        while place < scalars.count {
            switch scalars[place] {
            case "}": return place
            case "{": throw TemplateError("an unexpected '{' in a field's name: \(Self.hint)", at: place)
            case "!": throw TemplateError("conversions such as '!r' are not supported", at: place)
            case ":": throw TemplateError("format specs such as ':>10' are not supported: \(Self.hint)", at: place)
            case "[": while place + 1 < scalars.count, scalars[place] != "]" { place += 1 }
            default: break
            }
            place += 1
        }
        throw TemplateError("a '{' without its '}': \(Self.hint)", at: start)
    }
}

extension FieldPath {
    /// Reads what stands between two braces.
    static func read(_ scalars: ArraySlice<UnicodeScalar>) throws(TemplateError) -> FieldPath {
        let end = scalars.firstIndex { $0 == "[" || $0 == "." } ?? scalars.endIndex
        let name = scalars[..<end]
        guard !name.isEmpty else {
            throw TemplateError("positions are not supported: name the field, as in {prompt}", at: scalars.startIndex)
        }
        guard index(name) == nil else {
            throw TemplateError(
                "positions are not supported: name the field instead of {\(text(name))}",
                at: scalars.startIndex
            )
        }
        return FieldPath(field: text(name), keys: try keys(scalars[end...]))
    }

    private static func keys(_ scalars: ArraySlice<UnicodeScalar>) throws(TemplateError) -> [Key] {
        var keys: [Key] = []
        var rest = scalars
        while let first = rest.first {
            guard first != "." else {
                throw TemplateError("attributes are not supported: write {a[b]} for {a.b}", at: rest.startIndex)
            }
            guard first == "[" else {
                throw TemplateError("only '[' may follow ']' in a field's name", at: rest.startIndex)
            }
            guard let close = rest.firstIndex(of: "]") else {
                throw TemplateError("a '[' without its ']'", at: rest.startIndex)
            }
            keys.append(try key(rest[(rest.startIndex + 1)..<close]))
            rest = rest[(close + 1)...]
        }
        return keys
    }

    private static func key(_ scalars: ArraySlice<UnicodeScalar>) throws(TemplateError) -> Key {
        guard !scalars.isEmpty else { throw TemplateError("nothing between '[' and ']'", at: scalars.startIndex) }
        switch index(scalars) {
        case .some(.some(let index)): return .index(index)
        case .some(nil): throw TemplateError("an index with too many digits", at: scalars.startIndex)
        case nil: return .member(text(scalars))
        }
    }

    /// The number that a text of decimal digits names, none inside where it is too large; nothing for any other text.
    private static func index(_ scalars: ArraySlice<UnicodeScalar>) -> Int?? {
        var value: Int? = 0
        for scalar in scalars {
            guard scalar.properties.numericType == .decimal, let digit = scalar.properties.numericValue else {
                return .none
            }
            let (product, overflow) = (value ?? 0).multipliedReportingOverflow(by: 10)
            value = value == nil || overflow || product > Int.max - 9 ? nil : product + Int(digit)
        }
        return .some(value)
    }

    private static func text(_ scalars: ArraySlice<UnicodeScalar>) -> String {
        var text = String.UnicodeScalarView()
        text.append(contentsOf: scalars)
        return String(text)
    }
}
