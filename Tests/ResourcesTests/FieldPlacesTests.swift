//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Resources
import Testing

@Suite("places of fields")
struct FieldPlacesTests {
    @Test("are found by their path, the last one that was noted")
    func last() {
        func range(_ line: Int) -> SourceRange {
            let start = SourcePosition(line: line, column: 1)
            return SourceRange(file: "a.yaml", start: start, end: start)
        }
        var places: FieldPlaces = ["spec.base": range(1), "spec.dataset": range(2)]
        places.note("spec.base", at: range(3))
        #expect(places["spec.base"] == range(3))
        #expect(places["spec.dataset"] == range(2))
        #expect(places["spec"] == nil)
    }
}
