//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// The proxy that an address is to be reached by, chosen by the variables that curl reads.
enum Proxy {
    /// The proxy's address; nothing where the connection is direct.
    static func choose(for address: WebAddress, _ environment: [String: String]) -> String? {
        // `HTTP_PROXY` is left out as curl leaves it out: a CGI program gets it from whoever sends a header `Proxy`.
        let own = address.scheme == "https" ? ["https_proxy", "HTTPS_PROXY"] : ["http_proxy"]
        let names = own + ["all_proxy", "ALL_PROXY"]
        guard let proxy = names.lazy.compactMap({ environment[$0] }).first, !proxy.isEmpty else { return nil }
        let exceptions = environment["no_proxy"] ?? environment["NO_PROXY"] ?? ""
        return isException(address.host, exceptions) ? nil : proxy
    }

    private static func isException(_ host: String, _ list: String) -> Bool {
        let entries = list.lowercased().split { ", \t".contains($0) }
        let literal = NetworkAddress(host)
        return entries.contains { entry in
            if entry == "*" || entry == host { return true }
            if let literal { return NetworkBlock(String(entry))?.holds(literal) ?? false }
            let name = entry.drop { $0 == "." }
            return !name.isEmpty && (host == name || host.hasSuffix("." + name))
        }
    }
}
