//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import JSON
package import Planning
internal import Resources

/// Why an action is planned, for programs.
package enum ExplanationJSON {
    /// The explanation as a JSON value.
    package static func value(_ explanation: Explanation) -> JSONValue {
        let item = explanation.item
        return [
            "format_version": "1.0",
            "fine_tunes": .array(item.fineTunes.map { .string($0.rawValue) }),
            "destination": .string(item.destination.description),
            "action": .string(item.action.word),
            "because": .string(explanation.source),
            "fingerprint": .string(item.fingerprint.rawValue),
            "version": explanation.version.map { version in
                [
                    "id": .string(version.id.rawValue), "number": version.number.map { .int($0) } ?? .null,
                    "model": .string(version.model.description),
                ]
            } ?? .null,
            "fields": fields(explanation.fields),
        ]
    }

    /// Fields as a JSON value.
    static func fields(_ fields: [FieldChange]) -> JSONValue {
        .array(
            fields.map { field in
                [
                    "field": .string(field.field), "old": field.old.map { .string($0) } ?? .null,
                    "new": .string(field.new), "changed": .bool(field.isChanged),
                ]
            }
        )
    }
}
