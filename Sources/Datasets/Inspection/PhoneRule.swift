//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// How phone numbers are written.
enum PhoneRule {
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
