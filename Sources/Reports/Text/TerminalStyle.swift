//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// Colours on a terminal that wants them; meaning is never by colour alone.
package struct TerminalStyle: Hashable, Sendable {
    /// A colour's part of an escape sequence.
    package enum Color: String, Hashable, Sendable {
        case bold = "1"
        case dim = "2"
        case red = "31"
        case green = "32"
        case yellow = "33"
        case cyan = "36"
    }

    /// Whether colours are wanted.
    package var isColored: Bool

    /// Makes a style.
    package init(isColored: Bool) { self.isColored = isColored }

    /// Text in a colour, or as it is.
    package func text(_ text: String, _ color: Color) -> String {
        isColored && !text.isEmpty ? "\u{1B}[\(color.rawValue)m\(text)\u{1B}[0m" : text
    }
}
