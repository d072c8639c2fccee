//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// What every resource carries besides its spec.
package struct Metadata: Hashable, Sendable {
    /// The resource's name.
    package var name: ResourceName
    /// Labels, no part of any fingerprint.
    package var labels: [String: String]

    /// Makes the metadata of a resource.
    package init(name: ResourceName, labels: [String: String] = [:]) {
        self.name = name
        self.labels = labels
    }
}

/// A resource's spec together with where it and its fields stand.
package struct Located<Spec: Hashable & Sendable>: Hashable, Sendable {
    /// Name and labels.
    package var metadata: Metadata
    /// What the resource asks for.
    package var spec: Spec
    /// Where the whole document stands.
    package var range: SourceRange
    /// Where each field's value stands, by its path such as `spec.evaluation.metrics[0]`.
    package var fields: FieldPlaces

    /// Makes a located resource.
    package init(metadata: Metadata, spec: Spec, range: SourceRange, fields: FieldPlaces = [:]) {
        self.metadata = metadata
        self.spec = spec
        self.range = range
        self.fields = fields
    }

    /// The resource's name.
    package var name: ResourceName { metadata.name }
}

/// All resources of a manifest repository at a commit, or in its work tree.
package struct DesiredState: Hashable, Sendable {
    /// Datasets by name.
    package var datasets: [ResourceName: Located<Dataset>] = [:]
    /// Templates by name.
    package var templates: [ResourceName: Located<Template>] = [:]
    /// Base models by name.
    package var baseModels: [ResourceName: Located<BaseModel>] = [:]
    /// Hyperparameter profiles by name.
    package var hyperparameters: [ResourceName: Located<Hyperparameters>] = [:]
    /// Destination models, as `owner/name`.
    package var models: [ModelName: Located<Model>] = [:]
    /// Fine-tunes by name.
    package var fineTunes: [ResourceName: Located<FineTune>] = [:]
    /// The project; one of defaults where the repository has none.
    package var project: Located<Project>?

    /// Makes an empty state.
    package init() {}

    /// The owner of destinations that name none.
    package var defaultOwner: String { project?.spec.owner ?? "local" }
}
