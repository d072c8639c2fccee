//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import CCurl

/// An address with `http` or `https`, read as libcurl reads it.
package struct WebAddress: Hashable, Sendable {
    /// `http` or `https`.
    package let scheme: String
    /// The host, in lower case, an IPv6 address without its brackets.
    package let host: String
    /// The port, also where the address leaves it out.
    package let port: Int
    /// The path, from its `/`, escaped.
    package let path: String
    /// What follows `?`, escaped.
    package let query: String?
    /// The whole address, for the wire alone: its query may hold a secret.
    package let text: String

    /// Reads an address; one with a user or a password in it is refused, since it would be printed and passed on.
    package init(_ text: String) throws(TransferError) { try self.init(text, from: nil) }

    /// Reads an address as it stands in an answer from another one, of which it may leave out the beginning.
    init(_ text: String, from base: WebAddress?) throws(TransferError) {
        try LibCurl.load()
        guard let url = ccurl_url() else { throw TransferError(.failed, "out of memory") }
        defer { ccurl_url_cleanup(url) }
        let flags = UInt32(CURLU_DISALLOW_USER)
        let isBased = base.map { ccurl_url_set(url, CURLUPART_URL, $0.text, flags) == CURLUE_OK } ?? true
        guard isBased, ccurl_url_set(url, CURLUPART_URL, text, flags) == CURLUE_OK,
            ccurl_url_set(url, CURLUPART_FRAGMENT, nil, 0) == CURLUE_OK,
            let scheme = Self.part(url, CURLUPART_SCHEME)?.lowercased(), ["http", "https"].contains(scheme),
            let host = Self.part(url, CURLUPART_HOST), !host.isEmpty,
            let port = Self.part(url, CURLUPART_PORT, UInt32(CURLU_DEFAULT_PORT)).flatMap({ Int($0) }),
            let whole = Self.part(url, CURLUPART_URL)
        else { throw TransferError(.badAddress, "\(Self.shown(text)) is no address that can be read from") }
        self.scheme = scheme
        self.host = (host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host).lowercased()
        self.port = port
        path = Self.part(url, CURLUPART_PATH) ?? "/"
        query = Self.part(url, CURLUPART_QUERY)
        self.text = whole
    }

    private static func part(_ url: OpaquePointer, _ part: CURLUPart, _ flags: UInt32 = 0) -> String? {
        var found: UnsafeMutablePointer<CChar>?
        guard ccurl_url_get(url, part, &found, flags) == CURLUE_OK, let found else { return nil }
        defer { ccurl_free(found) }
        return String(cString: found)
    }

    /// A text that is no address, without what may be a secret in it.
    private static func shown(_ text: String) -> String {
        let start = text.prefix { $0 != "?" && $0 != "#" }
        guard let at = start.lastIndex(of: "@") else { return "`\(start.prefix(200))`" }
        return "`…\(start[at...].prefix(200))`"
    }

    /// Whether another address is of the same server, so that what is secret from others may be sent to it.
    package func hasSameOrigin(as other: WebAddress) -> Bool {
        (scheme, host, port) == (other.scheme, other.host, other.port)
    }

    /// Scheme, host and port, as an address begins.
    package var origin: String {
        let host = host.contains(":") ? "[\(host)]" : host
        return port == (scheme == "https" ? 443 : 80) ? "\(scheme)://\(host)" : "\(scheme)://\(host):\(port)"
    }
}

extension WebAddress: CustomStringConvertible {
    /// The address without its query, which may be a signature.
    package var description: String { origin + path + (query == nil ? "" : "?…") }
}
