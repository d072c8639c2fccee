//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// Text that came from elsewhere, made harmless for a terminal, and for a log that a machine reads.
package enum TerminalText {
    /// One line: control characters, line feeds too, and characters that reorder or hide text become `�` or a space.
    package static func line(_ text: String) -> String {
        var out = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if isSpace(scalar) {
                out.append(" ")
            } else {
                out.append(isHarmful(scalar) ? "\u{FFFD}" : scalar)
            }
        }
        return CommandText.harmless(String(out))
    }

    /// Several lines: line feeds stay, tabs become four spaces, carriage returns before line feeds go.
    package static func lines(_ text: String) -> [String] {
        let scalars = Array(text.unicodeScalars)
        var all: [String] = []
        for part in scalars.split(separator: "\n", omittingEmptySubsequences: false) {
            var view = String.UnicodeScalarView(part)
            if view.last == "\r" { view.removeLast() }
            let spaced = view.reduce(into: "") { $0 += $1 == "\t" ? "    " : String($1) }
            all.append(line(spaced))
        }
        return all
    }

    /// A JSON document that means the same, with an escape for each character that steers, reorders or hides.
    package static func json(_ document: String) -> String {
        let document = document.contains("##") ? document.replacing("##", with: "#\\u0023") : document
        guard document.unicodeScalars.contains(where: isEscaped) else { return document }
        return document.unicodeScalars.reduce(into: "") { out, scalar in
            guard isEscaped(scalar) else { return out.unicodeScalars.append(scalar) }
            for unit in String(scalar).utf16 {
                let digits = String(unit, radix: 16)
                out += "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
            }
        }
    }

    /// What JSON's own escapes leave as it is.
    private static func isEscaped(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value >= 0x7F && (isSpace(scalar) || isHarmful(scalar))
    }

    private static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09, 0x0A, 0x0D, 0x85, 0x2028, 0x2029: true
        default: false
        }
    }

    /// Whether a character steers a terminal, reorders text, or is a part of it that nobody sees.
    static func isHarmful(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0: true
        case 0xAD, 0x61C, 0x180E, 0x200B, 0x200E, 0x200F, 0x202A...0x202E, 0x2060...0x206F, 0xFEFF: true
        case 0xFFF9...0xFFFB, 0xE0000...0xE0FFF: true
        default: false
        }
    }
}
