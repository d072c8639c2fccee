//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// The kinds of resources.
enum ResourceKind: String, Hashable, Sendable, CaseIterable {
    case dataset = "Dataset"
    case template = "Template"
    case baseModel = "BaseModel"
    case hyperparameters = "Hyperparameters"
    case model = "Model"
    case fineTune = "FineTune"
    case project = "Project"
}

/// What each kind has: decoding, schema, formatter and reference page all read these tables, and nothing beside them.
///
/// A new field is a row in its kind's table, at the place where the reference page is to have it, and a line in the
/// kind's decoder that reads it: `limit: integer(fields["limit"])`. Range, words, default and whether it is required are
/// the row's. Until it works the row ends in `.notYet`, and the decoder needs no line.
struct KindTable: Sendable {
    /// What the kind is for, in a sentence.
    let summary: String
    /// A document of it, or several.
    let example: String
    /// The fields of `spec`.
    let spec: MappingTable

    /// A kind's table.
    static func of(_ kind: ResourceKind) -> KindTable {
        switch kind {
        case .project: project
        case .baseModel: baseModel
        case .dataset: dataset
        case .template: template
        case .hyperparameters: hyperparameters
        case .model: model
        case .fineTune: fineTune
        }
    }

    /// The fields of a document but for those of `spec`, which its kind says.
    static let document = MappingTable([
        FieldRow("apiVersion", .text(), "The version of the format: `ftops/v1`.").required,
        FieldRow("kind", .text(), "The kind of the resource.").required,
        FieldRow("metadata", .mapping(metadata), "What the resource is called.").required,
        FieldRow("spec", .mapping(MappingTable([])), "What the resource is.").required,
    ])

    /// The fields of `metadata`.
    static let metadata = MappingTable([
        FieldRow("name", .text(.name), "The name, unique among resources of the kind; by it others refer to this one.")
            .required,
        FieldRow("labels", .texts, "Names and values of your own."),
    ])

    /// Who is told, and of what.
    static let notify = FieldRow(
        "notify",
        .list(
            .mapping(
                MappingTable([
                    FieldRow("webhook", .secret, "The variable that has the address."),
                    FieldRow("on", .list(.choice(["started", "completed", "failed", "recovered"])), "Of what."),
                ])
            )
        ),
        "Who is told of what happens."
    )

    /// Why nothing happens, and until when.
    static let suspend = FieldRow(
        "suspend",
        .mapping(
            MappingTable([
                FieldRow("reason", .text(.filled), "Why.").required,
                FieldRow("until", .text(.time), "Until when, in UTC; until it is taken away where absent."),
            ])
        ),
        "Trains nothing for now."
    )
}
