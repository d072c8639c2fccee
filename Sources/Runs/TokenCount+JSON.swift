//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import JSON
package import Resources

extension TokenCount {
    /// The count as `launch count` tells it.
    package var json: JSONValue {
        [
            "rows": .int(rows), "tokens": .int(tokens), "label_tokens": .int(labelTokens), "rejected": .int(rejected),
            "truncated": .int(truncated), "units": .int(units), "steps": .int(steps),
        ]
    }

    /// Reads that form; nothing where a figure is missing or is none.
    package init?(json: JSONValue) {
        let names = ["rows", "tokens", "label_tokens", "rejected", "truncated", "units", "steps"]
        let figures = names.compactMap { json[$0]?.int }.filter { $0 >= 0 && $0 < 1 << 48 }
        guard figures.count == names.count else { return nil }
        self.init(
            rows: figures[0],
            tokens: figures[1],
            labelTokens: figures[2],
            rejected: figures[3],
            truncated: figures[4],
            units: figures[5],
            steps: figures[6]
        )
    }
}
