//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// How a string is written so that readers of YAML 1.2 and 1.1 alike read the same string back.
enum ScalarText {
    /// Ways to write a string.
    enum Form: Equatable {
        case plain
        case quoted
        /// A literal block, with its indentation and chomping indicators.
        case literal(indicators: String)
    }

    /// Words that some reader takes for a truth value or for nothing.
    private static let words: Set<String> = ["y", "n", "yes", "no", "on", "off", "true", "false", "null", "~"]
    private static let indicators: Set<Unicode.Scalar> = Set("-?:,[]{}#&*!|>'\"%@`~=<.+ ".unicodeScalars)

    /// The form that suits a string.
    static func form(of text: String) -> Form {
        if isPlain(text) { return .plain }
        return literalIndicators(text).map { .literal(indicators: $0) } ?? .quoted
    }

    /// The string in double quotes, on one line, everything escaped that is not plainly visible.
    static func quoted(_ text: String) -> String {
        var out = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": out += "\\\""
            case "\\": out += "\\\\"
            case "\n": out += "\\n"
            case "\r": out += "\\r"
            case "\t": out += "\\t"
            case "\0": out += "\\0"
            default:
                if YAMLCharacters.isPlain(scalar) { out.unicodeScalars.append(scalar) } else { out += escape(scalar) }
            }
        }
        return out + "\""
    }

    private static func escape(_ scalar: Unicode.Scalar) -> String {
        let hex = String(scalar.value, radix: 16, uppercase: true)
        let (letter, width) = scalar.value <= 0xFF ? ("x", 2) : scalar.value <= 0xFFFF ? ("u", 4) : ("U", 8)
        return "\\" + letter + String(repeating: "0", count: width - hex.utf8.count) + hex
    }

    static func isPlain(_ text: String) -> Bool {
        let scalars = Array(text.unicodeScalars)
        guard let first = scalars.first, let last = scalars.last, !indicators.contains(first), last != " ", last != ":",
            scalars.allSatisfy(YAMLCharacters.isPlain), !words.contains(text.lowercased())
        else { return false }
        for (current, next) in zip(scalars, scalars.dropFirst()) {
            if current == ":", next == " " { return false }
            if current == " ", next == "#" { return false }
        }
        return !("0"..."9").contains(first) || isNoNumber(scalars)
    }

    /// Whether a text that begins with a digit holds a letter that no number and no date has.
    private static func isNoNumber(_ scalars: [Unicode.Scalar]) -> Bool {
        if scalars.count > 1, scalars[0] == "0", "xXoObB".unicodeScalars.contains(scalars[1]) { return false }
        return scalars.contains { $0.properties.isAlphabetic && !"eETtZz".unicodeScalars.contains($0) }
    }

    private static func literalIndicators(_ text: String) -> String? {
        let scalars = Array(text.unicodeScalars)
        let isFaithful = scalars.allSatisfy { $0 == "\n" || $0 == "\t" || YAMLCharacters.isPlain($0) }
        guard isFaithful, scalars.contains("\n"), scalars.contains(where: { $0 != "\n" }) else { return nil }
        let indentation = scalars.first.map { " \t\n".unicodeScalars.contains($0) } ?? false ? "2" : ""
        let breaks = scalars.reversed().prefix { $0 == "\n" }.count
        return indentation + (breaks == 0 ? "-" : breaks == 1 ? "" : "+")
    }
}
