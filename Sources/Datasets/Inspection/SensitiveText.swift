//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// Finds personal data and secrets in a text by how they are written. It counts what it finds and keeps none of it.
///
/// It would rather miss some than cry over dates, long numbers and music in ABC notation: whoever reads noise stops
/// reading.
struct SensitiveText: Hashable, Sendable {
    /// E-mail addresses that are somebody's.
    private(set) var emails = 0
    /// Phone numbers: international ones, and those of North America.
    private(set) var phones = 0
    /// What looks like a key, a token or a password in an address.
    private(set) var keys = 0

    /// Counts nothing yet.
    init() {}

    /// Counts what a text in UTF-8 has.
    mutating func add(_ text: borrowing Span<UInt8>) {
        var index = 0
        var previous: UInt8 = 0x20
        while index < text.count {
            let byte = text[index]
            var end = index + 1
            switch byte {
            case UInt8(ascii: "@"):
                switch CredentialRule.userInfo(text, at: index) {
                case .password: keys += 1
                case .name: break
                case nil: emails += EmailRule.isEmail(text, at: index) ? 1 : 0
                }
            case UInt8(ascii: "+"), UInt8(ascii: "("), 0x30...0x39:
                guard !Self.joins(previous), let found = PhoneRule.end(text, from: index) else { break }
                phones += 1
                end = found
            case UInt8(ascii: "-"), UInt8(ascii: "A"), UInt8(ascii: "e")...UInt8(ascii: "x"):
                guard !Self.joins(previous), let found = CredentialRule.end(text, from: index) else { break }
                keys += 1
                end = found
            default: break
            }
            previous = text[end - 1]
            index = end
        }
    }

    /// The traits of a text of which a part says the same in every row, and does not count.
    func traits(beside template: SensitiveText) -> RowTraits {
        var traits: RowTraits = []
        if emails > template.emails { traits.insert(RowTraits(.email)) }
        if phones > template.phones { traits.insert(RowTraits(.phone)) }
        if keys > template.keys { traits.insert(RowTraits(.key)) }
        return traits
    }

    /// Whether what stands before a number or a key makes both one word.
    private static func joins(_ byte: UInt8) -> Bool {
        byte.isWord || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "/")
            || byte == UInt8(ascii: ",")
    }
}

extension UInt8 {
    var isDigit: Bool { self &- 0x30 < 10 }
    var isLetter: Bool { (self | 0x20) &- 0x61 < 26 }
    /// Whether it is part of a word: a letter, a digit, an underscore, or anything beyond ASCII.
    var isWord: Bool { isDigit || isLetter || self == 0x5F || self >= 0x80 }
}
