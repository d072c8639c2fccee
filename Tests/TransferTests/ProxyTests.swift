//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import FtopsTestSupport
import Testing

@testable import Transfer

@Suite("Proxies and private hosts")
struct ProxyTests {
    @Test(
        "chooses the proxy by the variables that curl reads",
        arguments: [
            ("https://a.example.org/", ["https_proxy": "http://p:1"], "http://p:1"),
            ("https://a.example.org/", ["HTTPS_PROXY": "http://p:1"], "http://p:1"),
            ("https://a.example.org/", ["http_proxy": "http://p:1"], nil),
            ("http://a.example.org/", ["HTTP_PROXY": "http://p:1"], nil),
            ("http://a.example.org/", ["http_proxy": "http://p:1"], "http://p:1"),
            ("https://a.example.org/", ["ALL_PROXY": "socks5h://p:1"], "socks5h://p:1"),
            ("https://a.example.org/", ["all_proxy": "http://p:1", "no_proxy": "example.org"], nil),
            ("https://a.example.org/", ["all_proxy": "http://p:1", "NO_PROXY": "x, .example.org"], nil),
            ("https://a.example.org/", ["all_proxy": "http://p:1", "no_proxy": "ample.org"], "http://p:1"),
            ("https://a.example.org/", ["all_proxy": "http://p:1", "no_proxy": "*"], nil),
            ("https://10.1.2.3/", ["all_proxy": "http://p:1", "no_proxy": "10.0.0.0/8"], nil),
            ("https://11.1.2.3/", ["all_proxy": "http://p:1", "no_proxy": "10.0.0.0/8"], "http://p:1"),
            ("https://[fd00::1]/", ["all_proxy": "http://p:1", "no_proxy": "fd00::/8"], nil),
            ("https://a.example.org/", ["https_proxy": ""], nil),
        ] as [(String, [String: String], String?)]
    )
    func chooses(address: String, environment: [String: String], proxy: String?) throws {
        #expect(Proxy.choose(for: try WebAddress(address), environment) == proxy)
    }

    @Test(
        "allows the private hosts that the environment names",
        arguments: [
            ("store.corp", "http://store.corp:9000/x", true),
            ("store.corp:9000", "http://store.corp:9000/x", true),
            ("store.corp:9001", "http://store.corp:9000/x", false),
            (".corp", "http://store.corp:9000/x", true),
            (".corp", "http://corp:9000/x", false),
            ("corp", "http://store.corp:9000/x", false),
            ("a, 10.0.0.7", "http://10.0.0.7/x", true),
            ("[::1]:8080", "http://[::1]:8080/x", true),
            ("", "http://localhost/x", false),
        ]
    )
    func allows(hosts: String, address: String, isAllowed: Bool) throws {
        #expect(PrivateHosts(hosts).allow(try WebAddress(address)) == isAllowed)
        #expect(PrivateHosts(hosts).adding(try WebAddress(address)).allow(try WebAddress(address)))
    }
}
