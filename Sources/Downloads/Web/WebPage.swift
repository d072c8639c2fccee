//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Resources
internal import Transfer

/// Pages for people that stand where a file was meant.
enum WebPage {
    /// Whether a file begins as a page does.
    static func isPage(_ start: [UInt8]) -> Bool {
        let text = String(decoding: start, as: UTF8.self).lowercased().drop { $0.isWhitespace || $0 == "\u{FEFF}" }
        return text.hasPrefix("<!doctype html") || text.hasPrefix("<html")
    }

    /// Says that there is a page, and where the file itself is.
    static func error(_ source: RemoteSource, _ address: WebAddress) -> DownloadError {
        let raw = raw(address).map { "the file itself is at \($0)" }
        return DownloadError(
            .page,
            "\(source) is an HTML page and not a file of rows",
            notes: [raw ?? "name the address of the file itself, which a page usually calls raw or download"]
        )
    }

    /// The address of the file that a page of one of the well-known sites shows.
    static func raw(_ address: WebAddress) -> String? {
        let parts = address.path.split(separator: "/").map(String.init)
        switch address.host {
        case "github.com", "www.github.com":
            guard parts.count > 4, ["blob", "raw", "blame"].contains(parts[2]) else { return nil }
            let rest = (parts[..<2] + parts[3...]).joined(separator: "/")
            return "https://raw.githubusercontent.com/\(rest)"
        case "gist.github.com":
            guard parts.count > 1 else { return nil }
            let revision = parts.count > 2 && parts[2].count == 40 ? "/" + parts[2] : ""
            return "https://gist.githubusercontent.com/\(parts[0])/\(parts[1])/raw\(revision)"
        case "huggingface.co", "hf.co":
            guard let index = parts.firstIndex(of: "blob"), index > 1 else { return nil }
            let rest = (parts[..<index] + ["resolve"] + parts[(index + 1)...]).joined(separator: "/")
            return "https://huggingface.co/\(rest)"
        default:
            guard let index = parts.firstIndex(of: "blob"), index > 0, parts[index - 1] == "-" else { return nil }
            let rest = (parts[..<index] + ["raw"] + parts[(index + 1)...]).joined(separator: "/")
            return "\(address.origin)/\(rest)"
        }
    }
}
