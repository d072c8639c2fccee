//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Resources
import Testing

@Suite("Patterns and windows")
struct PoliciesTests {
    @Test(
        "a pattern's star stands for any characters, its question mark for one",
        arguments: [
            ("llama-2-*", "llama-2-7b", true), ("llama-2-*", "llama-3-8b", false), ("*", "", true), ("", "a", false),
            ("*-7b", "llama-2-7b", true), ("*-7b", "llama-2-70b", false), ("l*2*b", "llama-2-7b", true),
            ("llama-?-7b", "llama-2-7b", true), ("llama-?-7b", "llama--7b", false), ("a", "a", true), ("a", "A", false),
            ("**a**", "xxaxx", true),
        ]
    )
    func patterns(pattern: String, name: String, fits: Bool) {
        #expect(NamePattern(pattern).matches(name) == fits)
    }

    @Test(
        "a window is two times of day and a zone",
        arguments: [
            ("22:00-06:00 Europe/Berlin", "22:00-06:00 Europe/Berlin"), ("00:00-24:00", "00:00-24:00 UTC"),
            ("09:30-17:00  UTC", "09:30-17:00 UTC"),
        ] as [(String, String)]
    )
    func windows(text: String, written: String) {
        #expect(TrainingWindow(text)?.text == written)
    }

    @Test(
        "anything else is none",
        arguments: [
            "", "22-6 UTC", "22:00", "22:00-22:00 UTC", "24:00-06:00 UTC", "22:60-06:00 UTC", "25:00-26:00",
            "22:00-06:00 Europe/Berlin x", "2:00-06:00", "-1:00-06:00", "22:00–06:00",
        ]
    )
    func noWindow(text: String) {
        #expect(TrainingWindow(text) == nil)
    }
}
