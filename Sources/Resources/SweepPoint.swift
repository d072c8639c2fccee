//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// One point of a sweep: which fine-tune was written, and what is set at this point.
package struct SweepPoint: Hashable, Sendable {
    /// The name of the fine-tune that the manifest has.
    package var sweep: ResourceName
    /// What the sweep sets, sorted by name, with the values' texts.
    package var values: [Value]

    /// A swept field with its value.
    package struct Value: Hashable, Sendable {
        /// The field: a hyperparameter's canonical name, `base` or `limit`.
        package var field: String
        /// The value as a manifest would write it.
        package var text: String

        /// Makes a value.
        package init(field: String, text: String) {
            self.field = field
            self.text = text
        }
    }

    /// Makes a point.
    package init(sweep: ResourceName, values: [Value]) {
        self.sweep = sweep
        self.values = values.sorted { $0.field < $1.field }
    }

    /// The name of the point's fine-tune, such as `summarizer[learning_rate=1e-4,lora_rank=16]`.
    package var name: ResourceName {
        let set = values.map { "\($0.field)=\($0.text.replacing(",", with: "+"))" }.joined(separator: ",")
        return ResourceName(rawValue: "\(sweep)[\(set)]")
    }

    /// Reads a point's name; nothing where a name is a fine-tune's that stands for itself.
    package init?(_ name: ResourceName) {
        let text = name.rawValue
        guard text.hasSuffix("]"), let bracket = text.firstIndex(of: "["), bracket > text.startIndex else { return nil }
        let set = text[text.index(after: bracket)...].dropLast()
        let pairs = set.split(separator: ",").map { $0.split(separator: "=", maxSplits: 1) }
        guard !pairs.isEmpty, pairs.allSatisfy({ $0.count == 2 }) else { return nil }
        self.init(
            sweep: ResourceName(rawValue: String(text[..<bracket])),
            values: pairs.map { Value(field: String($0[0]), text: String($0[1])) }
        )
    }
}
