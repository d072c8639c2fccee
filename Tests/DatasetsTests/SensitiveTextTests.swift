//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Testing

@testable import Datasets

@Suite("Personal data and secrets in a text")
struct SensitiveTextTests {
    private static func found(_ text: String) -> [Int] {
        var found = SensitiveText()
        found.add(text.utf8Span.span)
        return [found.emails, found.phones, found.keys]
    }

    @Test(
        "are found, however they are written",
        arguments: [
            ("Write to anna.schmidt@web.de, please.", [1, 0, 0]), ("<j+news@mail.co.uk>", [1, 0, 0]),
            ("a_b@c-d.org and x@y.info.", [2, 0, 0]), ("mail: Max@Firma.de!", [1, 0, 0]),
            ("call +49 151 23456789 now", [0, 1, 0]), ("+1 (415) 555-2671", [0, 1, 0]),
            ("+4915112345678", [0, 1, 0]), ("tel:+44-20-7946-0958", [0, 1, 0]), ("(415) 555-2671", [0, 1, 0]),
            ("415-555-2671 or 1-800-555-2671", [0, 2, 0]), ("+33 1 23 45 67 89.", [0, 1, 0]),
            ("token ghp_abcdefghijklmnopqrstuvwxyz0123456789", [0, 0, 1]),
            ("key=AKIAQ3EGRIZ7WXAMKLE2", [0, 0, 1]), ("sk-proj-Ab3dE5fG7hI9jK1lM3nO5pQ7rS9tU1vW3", [0, 0, 1]),
            ("hf_AbCdEfGh1234567890AbCdEfGh1234567890", [0, 0, 1]),
            ("-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA1qSt", [0, 0, 1]),
            ("postgres://app:hunter22@db.acme.com/x", [0, 0, 1]),
            ("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N", [0, 0, 1]),
        ] as [(String, [Int])]
    )
    func finds(text: String, counts: [Int]) { #expect(Self.found(text) == counts) }

    @Test(
        "are not cried over in dates, numbers, code, music and addresses of nobody",
        arguments: [
            "2024-11-28 10:30:00", "28.11.2024", "11/28/2024", "from 1990-2000", "pi = 3.14159265358979",
            "123456789012345", "1,234,567,890", "1.234.567.890", "192.168.100.200", "ISBN 978-3-16-148410-0",
            "order 12345678", "#2937", "+1", "+100", "+12345678", "5 + 1234567890", "1234 5678 9012 3456",
            "555 123 4567", "2025-01-02T03:04:05+01:00", "a+1234567b", "v1.2.3-456-7890",
            "X:1\nM:6/8\nK:G\nGAB cde|d2B AGE|+fermata+ G3 2(345)", "|:DGG GAB|c3 BAB|(3ABC d2|+5 (415)|",
            "(123) 4567890", "415-155-2671", "115-555-2671", "123-456-789", "12-3456-7890",
            "@property user@host", "def f(a) -> b: @app.route('/x')", "git@github.com:acme/x.git", "a@b", "@user_name",
            "me@example.com and you@mail.example", "x = a@b.c1", "react@18.2.0", "1@2.3",
            "sk-learn-is-a-library-that-many-people-use-every-day", "risk-averse", "hf_model_name_or_path",
            "AKIA is a prefix", "https://acme.com/user@page", "http://host:8080/@x",
            "-----BEGIN PUBLIC KEY-----", "if b\"-----BEGIN PRIVATE KEY-----\" in line:", "http://user:pass@host/x",
            "ssh://deploy@git.acme.com/x",
            "https://username:password@pypi.acme.com/simple", "-----BEGIN RSA PRIVATE KEY-----\n…", "ghp_short",
            "sha256:9c1f0a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f",
            "uuid 123e4567-e89b-12d3-a456-426614174000", "ratio 415/555-2671", "-415-555-2671", "$415-555-26710",
        ]
    )
    func ignores(text: String) { #expect(Self.found(text) == [0, 0, 0], "\(text)") }

    @Test("do not count where the template itself says them in every row")
    func template() {
        var (own, row) = (SensitiveText(), SensitiveText())
        own.add("Ask help@acme.com".utf8Span.span)
        row.add("Ask help@acme.com".utf8Span.span)
        #expect(row.traits(beside: own).isEmpty)
        row.add("or anna@web.de".utf8Span.span)
        #expect(row.traits(beside: own) == RowTraits(.email))
    }
}
