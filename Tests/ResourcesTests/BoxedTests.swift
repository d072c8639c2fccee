//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Resources
import Testing

@Suite("Boxed")
struct BoxedTests {
    private struct Holder: Hashable {
        @Boxed var texts: [String]
    }

    @Test("changes one copy and no other")
    func copies() {
        let first = Holder(texts: ["a"])
        var second = first
        second.texts.append("b")
        #expect(first.texts == ["a"])
        #expect(second.texts == ["a", "b"])
        second.texts = ["c"]
        #expect(second.texts == ["c"])
    }

    @Test("is what it holds to whoever compares or files it")
    func equality() {
        let (first, second) = (Holder(texts: ["a"]), Holder(texts: ["a"]))
        #expect(first == second)
        #expect(Set([first, second, Holder(texts: ["b"])]).count == 2)
        #expect(first != Holder(texts: []))
    }
}
