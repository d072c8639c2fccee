//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import JSON
package import Resources

extension Evaluation {
    /// The digest of what is asked of a version: prompts in their order, and what is measured.
    package var digest: ContentDigest {
        let rows: [JSONValue] = prompts.map { row in
            .object(JSONObject(row.map { JSONObject.Member(key: $0.key, value: .string($0.value)) }))
        }
        let measured = Set(metrics.map(\.rawValue)).sorted().map { JSONValue.string($0) }
        return .ofCanonical(["metrics": .array(measured), "prompts": .array(rows)])
    }
}
