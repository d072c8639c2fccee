//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// A server's answer, but for its body.
package struct TransferResponse: Hashable, Sendable {
    /// The address that answered, behind all redirects.
    package let address: WebAddress
    /// The status, such as 200.
    package let status: Int
    /// The headers by their names in lower case; of several of one name the last.
    package let headers: [String: String]

    /// Makes an answer.
    package init(address: WebAddress, status: Int, headers: [String: String]) {
        self.address = address
        self.status = status
        self.headers = headers
    }

    /// The header of a name in lower case.
    package subscript(name: String) -> String? { headers[name] }

    /// The body's size, where the server says it.
    package var size: Int? { self["content-length"].flatMap { Int($0) } }
}

/// The head of an answer, made line by line.
struct ResponseHead {
    /// Bytes of all headers that a server may send.
    static let sizeLimit = 256 << 10

    private(set) var status = 0
    private(set) var headers: [String: String] = [:]
    private var size = 0

    /// Reads one more line; false where there are too many.
    mutating func append(_ bytes: UnsafeRawBufferPointer) -> Bool {
        size += bytes.count
        guard size <= Self.sizeLimit else { return false }
        let line = String(decoding: bytes, as: UTF8.self)
        if line.hasPrefix("HTTP/") {
            // An informational answer, such as 100, is followed by the real one.
            headers = [:]
            status = line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        } else if let colon = line.firstIndex(of: ":") {
            let value = line[line.index(after: colon)...].trimmed
            headers[line[..<colon].lowercased()] = String(value)
        }
        return true
    }
}

extension Substring {
    /// The text without white space at its ends.
    var trimmed: Substring {
        var rest = drop { $0.isWhitespace }
        while let last = rest.last, last.isWhitespace { rest.removeLast() }
        return rest
    }
}
