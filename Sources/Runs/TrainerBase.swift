//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import JSON
package import Resources

/// A base model as the trainer is told of it.
package struct TrainerBase: Hashable, Sendable {
    /// Where the weights come from.
    package enum Source: Hashable, Sendable {
        /// A Python package that ships them.
        case python(package: String, version: String)
        /// A folder, by its absolute path.
        case path(String)
    }

    /// Where the weights come from.
    package let source: Source
    /// The BaseModel's name.
    package let name: String
    /// The identity that entered the fingerprint.
    package let identity: String?

    /// Makes a base.
    package init(source: Source, name: String, identity: String? = nil) {
        self.source = source
        self.name = name
        self.identity = identity
    }

    /// Makes a base from a manifest's source; a path is one from the top of the manifest repository.
    package init(
        _ source: BaseModel.NodeSource,
        name: ResourceName,
        identity: String?,
        repository: String
    ) throws(RunsError) {
        switch source {
        case .python(let package, let version): self.source = .python(package: package, version: version)
        case .path(let path): self.source = .path(path.hasPrefix("/") ? path : repository + "/" + path)
        case .huggingFace(let id, _):
            throw RunsError(.trainer, "the base \(name) comes from the hub (\(id)), which is not supported yet")
        }
        self.name = name.rawValue
        self.identity = identity
    }

    /// The base in `job.json` and in requests to generate.
    package var json: JSONValue {
        switch source {
        case .python(let package, let version):
            [
                "kind": "python", "package": .string(package), "version": .string(version), "name": .string(name),
                "identity": identity.map { .string($0) } ?? .null,
            ]
        case .path(let path):
            [
                "kind": "path", "path": .string(path), "name": .string(name),
                "identity": identity.map { .string($0) } ?? .null,
            ]
        }
    }
}
