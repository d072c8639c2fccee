//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// How e-mail addresses are written.
enum EmailRule {
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
