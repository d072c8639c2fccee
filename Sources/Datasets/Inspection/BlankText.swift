//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// What a part of a template renders to where its fields are empty: its own text, white space aside.
struct BlankText: Hashable, Sendable {
    private let literals: [UInt8]

    /// The blank of a text; nothing where the text has no field, so that it is the same in every row.
    init?(_ text: TemplateText) {
        guard !text.fields.isEmpty else { return nil }
        literals = text.literals.utf8.filter { !Self.isSpace($0) }
    }

    /// The blank of what is rendered as it is.
    init() { literals = [] }

    /// Whether a rendered text has nothing in it but that.
    func isAll(of text: [UInt8]) -> Bool {
        var place = 0
        for byte in text where !Self.isSpace(byte) {
            guard place < literals.count, literals[place] == byte else { return false }
            place += 1
        }
        return place == literals.count
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
}

extension TemplateText {
    /// The text without its fields.
    var literals: String {
        parts.map { part in if case .literal(let literal) = part { literal } else { "" } }.joined()
    }
}
