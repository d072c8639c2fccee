//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Testing

@testable import Transfer

@Suite("Web addresses")
struct WebAddressTests {
    @Test("reads the parts of an address, with the port that goes without saying")
    func parts() throws {
        let address = try WebAddress("HTTPS://Example.ORG/a%20b/c.jsonl?x=1#part")
        #expect(address.scheme == "https" && address.host == "example.org" && address.port == 443)
        #expect(address.path == "/a%20b/c.jsonl" && address.query == "x=1")
        #expect(address.origin == "https://example.org")
        #expect(try WebAddress("http://[::1]:8080/").origin == "http://[::1]:8080")
        #expect(try WebAddress("http://[::1]:8080/").host == "::1")
    }

    @Test("sees through numbers that stand for an address", arguments: ["2130706433", "0x7f.1", "0177.0.0.1", "127.1"])
    func numbers(host: String) throws {
        #expect(try WebAddress("http://\(host)/").host == "127.0.0.1")
    }

    @Test(
        "refuses what is no address to read from",
        arguments: [
            "", "example.org", "ftp://example.org/", "file:///etc/passwd", "https://", "https://a b/",
            "https://example.org:99999/", "gopher://example.org/", "https://me:secret@example.org/x",
        ]
    )
    func refuses(text: String) throws {
        let error = #expect(throws: TransferError.self) { try WebAddress(text) }
        #expect(error?.code == .badAddress && error?.message.contains("secret") == false)
    }

    @Test("shows no query, which may be a signature")
    func description() throws {
        let address = try WebAddress("https://cdn.example.org:8443/x?X-Amz-Signature=5ec4e7")
        #expect("\(address)" == "https://cdn.example.org:8443/x?…")
        #expect(address.text.hasSuffix("?X-Amz-Signature=5ec4e7"))
    }

    @Test("a secret shows itself nowhere")
    func secret() {
        let secret = Secret("hunter2")
        var dumped = ""
        dump(secret, to: &dumped)
        #expect(!dumped.contains("hunter2") && "\(secret)" == "<redacted>" && "\([secret])" == "[<redacted>]")
        #expect(String(reflecting: secret) == "<redacted>")
    }
}
