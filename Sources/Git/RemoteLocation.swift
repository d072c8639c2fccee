//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// Where a remote lies: so far, only folders are supported.
package enum RemoteLocation: Hashable, Sendable {
    /// A folder, by its absolute path.
    case path(String)
    /// A server, by its URL with any password taken out.
    case server(String)

    /// Reads a remote's URL the way git does; a relative path starts at a folder.
    package init(url: String, relativeTo folder: String) {
        if url.hasPrefix("file://") {
            let rest = String(url.dropFirst(7))
            self = .path(Self.decoded(rest.hasPrefix("localhost/") ? String(rest.dropFirst(9)) : rest))
        } else if Self.namesServer(url) {
            self = .server(Self.redacted(url))
        } else {
            self = .path(url.hasPrefix("/") ? url : Self.joined(folder, url))
        }
    }

    /// The folder, or the refusal of a server.
    package func folder(ofRemote name: String) throws(GitError) -> String {
        switch self {
        case .path(let path): return path
        case .server(let url):
            throw GitError(
                .unsupportedRemote,
                """
                remote `\(name)` is \(url), and remotes over HTTP and SSH are not supported yet; \
                `git: {remote: none}` in Project keeps the ledger here
                """
            )
        }
    }

    /// A colon before the first slash makes a host of what precedes it, as in `git@host:path`.
    private static func namesServer(_ url: String) -> Bool {
        if url.contains("://") { return true }
        guard let colon = url.firstIndex(of: ":") else { return false }
        guard let slash = url.firstIndex(of: "/") else { return true }
        return colon < slash
    }

    private static func redacted(_ url: String) -> String {
        guard let scheme = url.firstRange(of: "://") else { return url }
        let rest = url[scheme.upperBound...]
        let authority = rest.prefix { $0 != "/" }
        guard let at = authority.lastIndex(of: "@") else { return url }
        return String(url[..<scheme.upperBound] + rest[rest.index(after: at)...])
    }

    private static func joined(_ folder: String, _ path: String) -> String {
        var parts = folder.split(separator: "/").map(String.init)
        for part in path.split(separator: "/") where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(String(part)) }
        }
        return "/" + parts.joined(separator: "/")
    }

    private static func decoded(_ path: String) -> String {
        var bytes: [UInt8] = []
        var rest = Array(path.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
