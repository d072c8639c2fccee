//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Glibc

/// An IP address, and whether it belongs to the public internet.
package struct NetworkAddress: Hashable, Sendable {
    /// 4 bytes or 16.
    let bytes: [UInt8]

    private init(bytes: [UInt8]) { self.bytes = bytes }

    /// Reads an address from its text; nothing where the text is something else, such as a name.
    package init?(_ text: String) {
        var four = in_addr()
        var sixteen = in6_addr()
        if inet_pton(AF_INET, text, &four) == 1 {
            bytes = withUnsafeBytes(of: &four) { Array($0) }
        } else if inet_pton(AF_INET6, text, &sixteen) == 1 {
            bytes = withUnsafeBytes(of: &sixteen) { Array($0) }
        } else {
            return nil
        }
    }

    /// Takes the address out of a socket's; nothing where it is of another family.
    init?(_ address: UnsafePointer<sockaddr>, family: Int32) {
        let raw = UnsafeRawPointer(address)
        switch family {
        case AF_INET:
            let found = raw.loadUnaligned(as: sockaddr_in.self)
            bytes = withUnsafeBytes(of: found.sin_addr) { Array($0) }
        case AF_INET6:
            let found = raw.loadUnaligned(as: sockaddr_in6.self)
            bytes = withUnsafeBytes(of: found.sin6_addr) { Array($0) }
        default: return nil
        }
    }

    /// Whether the address is a public one: not this machine, a private network, a cloud's metadata service, nor
    /// an IPv6 address that carries such an IPv4 one.
    package var isPublic: Bool {
        guard bytes.count == 16 else { return !isIn(Self.reserved4) }
        if isIn(Self.carriers) { return NetworkAddress(bytes: Array(bytes[12...])).isPublic }
        return isIn(Self.global6) && !isIn(Self.reserved6)
    }

    private func isIn(_ blocks: [NetworkBlock]) -> Bool { blocks.contains { $0.holds(self) } }

    /// What IANA's registry of IPv4 sets apart.
    private static let reserved4 = [
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/3",
    ].compactMap { NetworkBlock($0) }
    /// All that IPv6 has given out so far.
    private static let global6 = ["2000::/3"].compactMap { NetworkBlock($0) }
    /// What it sets apart inside of it: tunnels and other protocols, documentation, 6to4.
    private static let reserved6 = ["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"]
        .compactMap { NetworkBlock($0) }
    private static let carriers = ["::ffff:0:0/96", "64:ff9b::/96"].compactMap { NetworkBlock($0) }
}

extension NetworkAddress: CustomStringConvertible {
    /// The address as it is usually written.
    package var description: String {
        let family = bytes.count == 4 ? AF_INET : AF_INET6
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        _ = bytes.withUnsafeBytes { inet_ntop(family, $0.baseAddress, &text, socklen_t(INET6_ADDRSTRLEN)) }
        return text.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
    }
}
