//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import JSON
package import Resources

extension Evaluation {
    /// The digest of what is asked of a version: prompts in their order, what is measured, and
    /// what has to be reached.
    package var digest: ContentDigest {
        let rows: [JSONValue] = prompts.map { row in
            .object(JSONObject(row.map { JSONObject.Member(key: $0.key, value: .string($0.value)) }))
        }
        let measured = Set(metrics.map(\.rawValue)).sorted().map { JSONValue.string($0) }
        guard !gate.isEmpty else { return .ofCanonical(["metrics": .array(measured), "prompts": .array(rows)]) }
        let wanted = gate.map { JSONValue.string("\($0.metric) \($0.condition)") }
        return .ofCanonical(["gate": .array(wanted), "metrics": .array(measured), "prompts": .array(rows)])
    }
}
