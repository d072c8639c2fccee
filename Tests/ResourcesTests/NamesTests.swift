//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Resources
import Testing

@Suite("Names")
struct NamesTests {
    @Test("takes letters, digits and - _ . after a letter or digit", arguments: ["a", "7", "a-b_c.d", "Gemma3-270M"])
    func valid(_ text: String) {
        #expect(ResourceName.isValid(text))
    }

    @Test(
        "refuses everything else",
        arguments: ["", "-a", ".a", "_a", "a b", "a/b", "é", "a\u{0}", "a\n", String(repeating: "a", count: 101)]
    )
    func invalid(_ text: String) {
        #expect(!ResourceName.isValid(text))
    }

    @Test(
        "reads owner/name",
        arguments: [("acme/model", true), ("a/b/c", false), ("/b", false), ("a/", false), ("a", false)]
    )
    func modelName(_ text: String, _ isValid: Bool) {
        #expect((ModelName(text) != nil) == isValid)
        #expect(ModelName(text).map { $0.description == text } ?? true)
    }

    @Test("orders models by owner, then name")
    func order() throws {
        let names = try ["b/a", "a/z", "a/b"].map { try #require(ModelName($0)) }
        #expect(names.sorted().map(\.description) == ["a/b", "a/z", "b/a"])
    }

    @Test("knows digests and fingerprints by their form")
    func digests() throws {
        let hex = String(repeating: "0123456789abcdef", count: 4)
        let digest = try #require(ContentDigest(rawValue: hex))
        #expect(digest.short == "0123456789ab")
        #expect(ContentDigest(rawValue: hex.uppercased()) == nil)
        #expect(ContentDigest(rawValue: String(hex.dropLast())) == nil)
        let fingerprint = try #require(Fingerprint(rawValue: "v1-" + hex))
        #expect(fingerprint.hex == hex)
        #expect(fingerprint.short == "v1-0123456789ab")
        #expect(Fingerprint(rawValue: hex) == nil)
        #expect(Fingerprint(rawValue: "v2-" + hex) == nil)
    }
}
