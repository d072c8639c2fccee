//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// Hosts that may be connected to although their addresses are not public.
///
/// A manifest comes from anyone who may open a pull request, so it cannot name them; the environment of the machine
/// that reads it can.
package struct PrivateHosts: Hashable, Sendable {
    /// The variable that names them: hosts separated by commas, each a name or an address with or without a port;
    /// one that begins with `.` stands for all names below it.
    package static let variable = "FTOPS_PRIVATE_HOSTS"

    private var entries: Set<String>

    /// Reads the variable's value.
    package init(_ text: String = "") {
        let separators: Set<Character> = [",", " ", "\t", "\n"]
        entries = Set(text.lowercased().split { separators.contains($0) }.map(String.init))
    }

    /// These hosts and the server of an address.
    package func adding(_ address: WebAddress) -> PrivateHosts {
        var copy = self
        copy.entries.insert(Self.entry(address.host, address.port))
        return copy
    }

    /// Whether the server of an address is among them.
    package func allow(_ address: WebAddress) -> Bool {
        let names = [address.host] + Self.domains(of: address.host)
        return names.contains { name in
            entries.contains(name) || entries.contains(Self.entry(name, address.port))
        }
    }

    private static func entry(_ host: String, _ port: Int) -> String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }

    private static func domains(of host: String) -> [String] {
        host.indices.filter { host[$0] == "." }.map { String(host[$0...]) }
    }
}
