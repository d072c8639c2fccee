//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// How keys, tokens and passwords are written.
enum CredentialRule {
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
        guard start + 3 <= text.count, isBeginning(text[start], text[start + 1]) else { return nil }
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

    /// Whether a prefix begins so: nearly every word of a text is told apart by its first two letters.
    private static func isBeginning(_ first: UInt8, _ second: UInt8) -> Bool {
        switch (first, second) {
        case (0x41, 0x4B), (0x41, 0x53), (0x41, 0x49): true  // AKIA, ASIA, AIza
        case (0x67, 0x68), (0x67, 0x69), (0x67, 0x6C): true  // ghp_, github_, glpat-
        case (0x68, 0x66), (0x72, 0x38), (0x6E, 0x70): true  // hf_, r8_, npm_
        case (0x73, 0x6B), (0x72, 0x6B), (0x78, 0x6F): true  // sk-, rk_, xox
        case (0x65, 0x79): true  // eyJ
        default: false
        }
    }

    private static func endOfPrivateKey(_ text: borrowing Span<UInt8>, from start: Int) -> Int? {
        guard text.starts(with: privateKey, at: start) else { return nil }
        for index in (start + privateKey.count)..<min(text.count, start + 60)
        where text.starts(with: privateKeyEnd, at: index) {
            let end = index + privateKeyEnd.count
            return hasKey(text, from: end) ? end : nil
        }
        return nil
    }

    /// Whether a key itself goes on behind its first line: code and prose name that line only.
    private static func hasKey(_ text: borrowing Span<UInt8>, from start: Int) -> Bool {
        var index = start
        while index < text.count, index - start < 4, !text[index].isLetter || text[index] == UInt8(ascii: "n") {
            index += 1
        }
        let letters = index
        while index < text.count, text[index].isLetter || text[index].isDigit || "+/=".utf8.contains(text[index]) {
            index += 1
        }
        return index > start && index - letters >= 16
    }

    /// Whether a text may be a password, and none that stands for one.
    private static func isPassword(_ text: borrowing Span<UInt8>) -> Bool {
        guard text.count >= 6, text[0].isWord else { return false }
        let placeholders = ["passwor", "passwd", "secret", "xxxxxx", "changeme"]
        return !placeholders.contains { text.starts(with: Array($0.utf8), at: 0) }
    }

    /// What stands before the host of an address.
    enum UserInfo {
        /// A name with a password.
        case password
        /// A name alone, or with what only stands for a password.
        case name
    }

    /// What ends at an at sign behind `scheme://`; nothing where it is no part of such an address.
    static func userInfo(_ text: borrowing Span<UInt8>, at place: Int) -> UserInfo? {
        var index = place
        var colon: Int?
        while index > 0, place - index < 200 {
            index -= 1
            switch text[index] {
            case UInt8(ascii: "/"):
                guard text.starts(with: Array("://".utf8), at: index - 2) else { return nil }
                guard let colon, colon > index + 1 else { return .name }
                return isPassword(text.extracting((colon + 1)..<place)) ? .password : .name
            case UInt8(ascii: ":"): colon = index
            case UInt8(ascii: "@"), 0...0x20: return nil
            default: break
            }
        }
        return nil
    }
}
