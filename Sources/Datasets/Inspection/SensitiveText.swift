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
                if CredentialRule.isPassword(text, at: index) {
                    keys += 1
                } else if EmailRule.isEmail(text, at: index) {
                    emails += 1
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

// MARK: - Addresses

private enum EmailRule {
    /// Hosts that no mail goes to.
    private static let reserved: Set<String> = ["example", "invalid", "localhost", "test"]

    /// Whether an at sign stands between a name and a host with a domain.
    static func isEmail(_ text: borrowing Span<UInt8>, at place: Int) -> Bool {
        var start = place
        while start > 0, place - start < 64, isName(text[start - 1]) { start -= 1 }
        guard start < place, text[start].isWord, text[place - 1].isWord, start == 0 || text[start - 1] < 0x80 else {
            return false
        }
        // `git@host:path` is where code lies.
        if place - start == 3, text.starts(with: Array("git".utf8), at: start) { return false }
        var labels: [String] = []
        var label: [UInt8] = []
        var index = place + 1
        while index < text.count, index - place < 254 {
            let byte = text[index]
            if byte == UInt8(ascii: "."), !label.isEmpty {
                labels.append(String(decoding: label, as: UTF8.self).lowercased())
                label = []
            } else if byte.isDigit || byte.isLetter || byte == UInt8(ascii: "-") {
                label.append(byte)
            } else {
                break
            }
            index += 1
        }
        let isTop = label.count >= 2 && label.allSatisfy(\.isLetter)
        // A full stop may end the sentence, so that the host has ended before it.
        if !label.isEmpty { labels.append(String(decoding: label, as: UTF8.self).lowercased()) }
        guard label.isEmpty || isTop, labels.count >= 2, let top = labels.last, top.utf8.allSatisfy(\.isLetter) else {
            return false
        }
        return top.utf8.count >= 2 && !reserved.contains(top) && !reserved.contains(labels[labels.count - 2])
    }

    private static func isName(_ byte: UInt8) -> Bool {
        byte < 0x80
            && (byte.isWord || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+")
                || byte == UInt8(ascii: "%"))
    }
}

// MARK: - Phone numbers

private enum PhoneRule {
    /// The groups of digits of a number, and what stands between them.
    private struct Groups {
        var lengths: [Int] = []
        var firsts: [UInt8] = []
        var separators: [UInt8] = []
        var end = 0

        /// Reads a number up to something that no number has.
        init(_ text: borrowing Span<UInt8>, from start: Int) {
            var index = start
            while index < text.count, lengths.count < 8, index - start < 24 {
                let byte = text[index]
                if byte.isDigit {
                    let first = index
                    while index < text.count, text[index].isDigit { index += 1 }
                    lengths.append(index - first)
                    firsts.append(text[first])
                    end = index
                    continue
                }
                let next = index + 1 < text.count ? text[index + 1] : 0
                let parts = ") -./(".utf8
                guard parts.contains(byte), next.isDigit || byte != next && parts.contains(next) else {
                    break
                }
                separators.append(byte)
                index += 1
            }
        }

        var digits: Int { lengths.reduce(0, +) }
    }

    /// Where a phone number ends that starts at a place; nothing where none does.
    static func end(_ text: borrowing Span<UInt8>, from start: Int) -> Int? {
        let isInternational = text[start] == UInt8(ascii: "+")
        let groups = Groups(text, from: isInternational ? start + 1 : start)
        guard groups.end > start, groups.end == text.count || !isJoined(text, at: groups.end) else { return nil }
        let isPhone = isInternational ? isInternationalNumber(groups) : isAmerican(groups)
        return isPhone ? groups.end : nil
    }

    private static func isJoined(_ text: borrowing Span<UInt8>, at place: Int) -> Bool {
        let next = place + 1 < text.count ? text[place + 1] : 0
        let goesOn = ".-/,".utf8.contains(text[place]) && next.isDigit
        return text[place].isWord || goesOn
    }

    /// `+49 30 901820`, `+1 (415) 555-2671`, `+4915112345678`: a country, which never starts with 0, and so many digits.
    private static func isInternationalNumber(_ groups: Groups) -> Bool {
        guard let first = groups.firsts.first, first != UInt8(ascii: "0") else { return false }
        if groups.lengths.count == 1 { return (11...15).contains(groups.digits) }
        return groups.lengths[0] <= 4 && (9...15).contains(groups.digits)
    }

    /// `(415) 555-2671`, `415-555-2671`, `1-800-555-2671`; with blanks or stops alone it may be any numbers.
    private static func isAmerican(_ groups: Groups) -> Bool {
        var (lengths, firsts, separators) = (groups.lengths[...], groups.firsts[...], groups.separators[...])
        if lengths.count == 4, lengths.first == 1, firsts.first == UInt8(ascii: "1") {
            (lengths, firsts, separators) = (lengths.dropFirst(), firsts.dropFirst(), separators.dropFirst())
        }
        guard lengths.elementsEqual([3, 3, 4]), firsts.prefix(2).allSatisfy({ $0 >= UInt8(ascii: "2") }) else {
            return false
        }
        let isBracketed = separators.contains(UInt8(ascii: ")"))
        let dashes = separators.count { $0 == UInt8(ascii: "-") }
        return isBracketed && groups.separators.count { $0 == UInt8(ascii: "(") } == 1 || dashes == 2
    }
}

// MARK: - Secrets

private enum CredentialRule {
    private struct Prefix {
        let bytes: [UInt8]
        /// How many characters follow at least.
        let rest: Int
        /// Whether dashes and underscores are among them.
        let isLoose: Bool

        init(_ text: String, _ rest: Int, isLoose: Bool = false) {
            bytes = Array(text.utf8)
            self.rest = rest
            self.isLoose = isLoose
        }
    }

    private static let prefixes = [
        Prefix("AKIA", 16), Prefix("ASIA", 16), Prefix("AIza", 35, isLoose: true), Prefix("ghp_", 36),
        Prefix("gho_", 36), Prefix("ghs_", 36), Prefix("ghu_", 36), Prefix("github_pat_", 50, isLoose: true),
        Prefix("glpat-", 20, isLoose: true), Prefix("hf_", 30), Prefix("r8_", 30), Prefix("npm_", 36),
        Prefix("sk-", 32, isLoose: true), Prefix("sk_live_", 20), Prefix("rk_live_", 20),
        Prefix("xoxb-", 20, isLoose: true), Prefix("xoxp-", 20, isLoose: true),
        Prefix("eyJhbGciOi", 60, isLoose: true),
    ]
    private static let privateKey = Array("-----BEGIN ".utf8)
    private static let privateKeyEnd = Array("PRIVATE KEY-----".utf8)

    /// Where a key ends that starts at a place; nothing where none does.
    static func end(_ text: borrowing Span<UInt8>, from start: Int) -> Int? {
        if text[start] == UInt8(ascii: "-") { return endOfPrivateKey(text, from: start) }
        guard start + 3 <= text.count else { return nil }
        for prefix in prefixes where text.starts(with: prefix.bytes, at: start) {
            var index = start + prefix.bytes.count
            var (digits, letters) = (0, 0)
            while index < text.count {
                let byte = text[index]
                guard byte.isDigit || byte.isLetter || prefix.isLoose && (byte == 0x2D || byte == 0x5F || byte == 0x2E)
                else { break }
                digits += byte.isDigit ? 1 : 0
                letters += byte.isLetter ? 1 : 0
                index += 1
            }
            let rest = index - start - prefix.bytes.count
            // What is made by chance has digits and letters; what somebody thought up has words.
            if rest >= prefix.rest, digits >= 2, letters >= 2 { return index }
        }
        return nil
    }

    private static func endOfPrivateKey(_ text: borrowing Span<UInt8>, from start: Int) -> Int? {
        guard text.starts(with: privateKey, at: start) else { return nil }
        for index in (start + privateKey.count)..<min(text.count, start + 60)
        where text.starts(with: privateKeyEnd, at: index) {
            return index + privateKeyEnd.count
        }
        return nil
    }

    /// Whether an at sign stands behind `scheme://name:password`.
    static func isPassword(_ text: borrowing Span<UInt8>, at place: Int) -> Bool {
        var index = place
        var colon: Int?
        while index > 0, place - index < 200 {
            index -= 1
            let byte = text[index]
            if byte == UInt8(ascii: "/") {
                guard let colon, index >= 2, text[index - 1] == byte, text[index - 2] == UInt8(ascii: ":") else {
                    return false
                }
                return colon > index + 1 && place > colon + 1 && text[colon + 1].isWord
            }
            if byte <= 0x20 || byte == UInt8(ascii: "@") { return false }
            if byte == UInt8(ascii: ":") { colon = index }
        }
        return false
    }
}
