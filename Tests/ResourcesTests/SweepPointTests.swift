//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Resources
import Testing

@Suite("SweepPoint")
struct SweepPointTests {
    private static let point = SweepPoint(
        sweep: ResourceName(rawValue: "summarizer"),
        values: [
            .init(field: "target_modules", text: "q_proj,v_proj"), .init(field: "learning_rate", text: "1e-4"),
            .init(field: "base", text: "llama-2-7b"),
        ]
    )

    @Test("is named by what it sets, in one order")
    func name() {
        let name = "summarizer[base=llama-2-7b,learning_rate=1e-4,target_modules=q_proj+v_proj]"
        #expect(Self.point.name.rawValue == name)
    }

    @Test("is read back from its name")
    func reads() throws {
        let read = try #require(SweepPoint(Self.point.name))
        #expect(read.name == Self.point.name && read.sweep.rawValue == "summarizer" && read.values.count == 3)
    }

    @Test("is none where a name stands for itself", arguments: ["summarizer", "a[", "[b=1]", "a[]", "a[b]", "a[b=1"])
    func none(name: String) {
        #expect(SweepPoint(ResourceName(rawValue: name)) == nil)
    }
}
