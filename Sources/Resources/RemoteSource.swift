//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// Rows that lie elsewhere than in the repository, by the address that a manifest gives.
package struct RemoteSource: Hashable, Sendable, CustomStringConvertible {
    /// Where they lie.
    package enum Place: Hashable, Sendable {
        /// At an address with `https`.
        case web(String)
        /// In a store that speaks S3.
        case bucket(String, key: String)
        /// In a dataset of the Hugging Face hub.
        case hub(HubSource)
    }

    /// Why a text is no remote source.
    package struct Problem: Error, Hashable, Sendable {
        /// What is wrong with the field that has the text, as a sentence goes on after the field's name.
        package let message: String
        /// What to write instead; lower case, no full stop.
        package let note: String
        /// Whether the text holds a secret, which then must not be shown.
        package let isSecret: Bool

        init(_ message: String, note: String, isSecret: Bool = false) {
            self.message = message
            self.note = note
            self.isSecret = isSecret
        }
    }

    /// The source as the manifest writes it.
    package let text: String
    /// Where the rows lie.
    package let place: Place

    /// The source as the manifest writes it.
    package var description: String { text }

    /// Reads `https://…`, `s3://bucket/key` or `hf://owner/name?split=…`.
    package init(_ text: String) throws(Problem) {
        self.text = text
        guard text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F }) else {
            throw Problem("has a control character in it", note: Self.forms)
        }
        let parts = AddressParts(text)
        switch parts.scheme {
        case "https": place = try Self.web(parts, text)
        case "s3": place = try Self.bucket(parts)
        case "hf": place = .hub(try HubSource(parts))
        case "http": throw Problem("takes https://, not http://", note: Self.forms)
        default: throw Problem("has an unknown scheme", note: Self.forms)
        }
    }

    private static func web(_ parts: AddressParts, _ text: String) throws(Problem) -> Place {
        guard !text.contains(" ") else { throw Problem("has a space in it", note: "write %20 for a space") }
        let host = parts.body.prefix { $0 != "/" }
        guard !host.isEmpty else { throw Problem("names no host", note: Self.forms) }
        guard !host.contains("@") else {
            throw Problem("has a user or a password in it", note: Self.advice, isSecret: true)
        }
        if let name = parts.query.map(\.name).first(where: { Self.secrets.contains($0.lowercased()) }) {
            throw Problem("has a secret in it, `\(name)=…`", note: Self.advice, isSecret: true)
        }
        return .web(text)
    }

    private static let forms = "write a path, https://…, s3://bucket/key or hf://owner/name?split=train"
    private static let advice = "a secret does not belong into a manifest: use s3://, or an address that needs none"

    /// Parameters by which addresses are signed, or carry a token.
    private static let secrets: Set<String> = [
        "access_token", "api_key", "apikey", "auth", "password", "sig", "signature", "token", "x-amz-credential",
        "x-amz-security-token", "x-amz-signature", "x-goog-signature",
    ]

    private static func bucket(_ parts: AddressParts) throws(Problem) -> Place {
        // A key may hold any character: what looks like a query is part of it.
        let path = parts.whole.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard path.count == 2, ResourceName.isValid(path[0]), !path[1].isEmpty else {
            throw Problem("names no object", note: "write s3://bucket/key")
        }
        guard !path[1].split(separator: "/").contains(where: { $0 == "." || $0 == ".." }) else {
            throw Problem("has `.` or `..` in its key", note: "they would name another object")
        }
        return .bucket(path[0], key: path[1])
    }
}

/// The files of a dataset on the Hugging Face hub that make one split.
package struct HubSource: Hashable, Sendable {
    /// `owner/name`.
    package let repository: String
    /// The split, such as `train`; nothing where a file is named.
    package let split: String?
    /// The configuration, also called subset, where the dataset has several.
    package let config: String?
    /// The one file that is meant, by its path in the dataset.
    package let file: String?
    /// The branch, tag or commit; the main branch where absent.
    package let revision: String?

    init(_ parts: AddressParts) throws(RemoteSource.Problem) {
        let names = parts.body.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard names.count == 2, names.allSatisfy(ResourceName.isValid) else {
            throw RemoteSource.Problem("names no dataset", note: "write hf://owner/name?split=train")
        }
        repository = parts.body
        var values: [String: String] = [:]
        let known = ["split", "config", "file", "revision"]
        for (name, value) in parts.query {
            guard known.contains(name) else {
                let meant = Suggestion.nearest(name, among: known).map { "did you mean `\($0)`? " } ?? ""
                let note = "\(meant)there are \(known.joined(separator: ", "))"
                throw RemoteSource.Problem("has an unknown parameter `\(name.prefix(40))`", note: note)
            }
            guard let value, Self.isPlain(value), values[name] == nil else {
                throw RemoteSource.Problem("has no plain value for `\(name)`", note: "write \(name)=NAME, once")
            }
            values[name] = value
        }
        (split, config, file, revision) = (values["split"], values["config"], values["file"], values["revision"])
        guard (split == nil) != (file == nil) else {
            let note = "write hf://\(repository)?split=train, or file=PATH"
            throw RemoteSource.Problem("needs either `split` or `file`", note: note)
        }
    }

    /// Whether a value is made of names and slashes, so that it stays below the dataset's address.
    private static func isPlain(_ text: String) -> Bool {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        return parts.allSatisfy { part in
            !part.isEmpty && part != "." && part != ".."
                && part.unicodeScalars.allSatisfy { scalar in
                    scalar.properties.isAlphabetic || scalar.properties.numericType != nil
                        || "-_.+= ".unicodeScalars.contains(scalar)
                }
        }
    }
}

/// The parts of `scheme://body?query`.
struct AddressParts {
    /// The scheme in lower case; empty where there is none.
    let scheme: String
    /// All that follows the scheme.
    let whole: String
    /// What stands before the query.
    let body: String
    /// The parameters in their order, decoded; one without a value, or of bytes that are no text, has none.
    let query: [(name: String, value: String?)]

    init(_ text: String) {
        let (scheme, rest) = Self.cut(text, at: "://")
        self.scheme = rest == nil ? "" : scheme.lowercased()
        whole = rest ?? text
        let (body, query) = Self.cut(Self.cut(whole, at: "#").0, at: "?")
        self.body = body
        self.query = (query ?? "").split(separator: "&").map { pair in
            let (name, value) = Self.cut(String(pair), at: "=")
            return (name, value.flatMap(Self.decoded))
        }
    }

    private static func cut(_ text: String, at separator: String) -> (String, String?) {
        guard let range = text.firstRange(of: separator) else { return (text, nil) }
        return (String(text[..<range.lowerBound]), String(text[range.upperBound...]))
    }

    private static func decoded(_ text: String) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            let digits = String(decoding: rest.prefix(2), as: UTF8.self)
            guard digits.count == 2, let value = UInt8(digits, radix: 16) else { return nil }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
