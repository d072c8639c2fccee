//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import JSON
internal import POSIX
package import Resources

/// A base model as the trainer is told of it.
package struct TrainerBase: Hashable, Sendable {
    /// Where the weights come from.
    package enum Source: Hashable, Sendable {
        /// A model of the Hugging Face hub at a commit.
        case huggingFace(id: String, revision: String)
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
    /// The folder of the adapter that training goes on from, where it starts from another version: absolute, or in a
    /// run's folder. It lies on the base as one adapter, however many trainings it comes from.
    package var adapter: String?

    /// Makes a base.
    package init(source: Source, name: String, identity: String? = nil, adapter: String? = nil) {
        self.source = source
        self.name = name
        self.identity = identity
        self.adapter = adapter
    }

    /// Makes a base from a manifest's source; a path is one from the top of the manifest repository.
    package init(
        _ source: BaseModel.NodeSource,
        name: ResourceName,
        identity: String?,
        repository: String,
        adapter: String? = nil
    ) {
        switch source {
        case .huggingFace(let id, let revision): self.source = .huggingFace(id: id, revision: revision)
        case .python(let package, let version): self.source = .python(package: package, version: version)
        case .path(let path): self.source = .path(path.hasPrefix("/") ? path : repository + "/" + path)
        }
        self.name = name.rawValue
        self.identity = identity
        self.adapter = adapter
    }

    /// The folder in which the files of a manifest's source lie on this machine, in Hugging Face layout; nothing where
    /// they would have to be fetched first. A path is one from the top of the manifest repository.
    package static func folder(of source: BaseModel.NodeSource, repository: String?, cache: String) -> String? {
        let folder: String?
        switch source {
        case .python(let package, let version): folder = "\(cache)/bases/\(package)-\(version)/model"
        case .path(let path): folder = path.hasPrefix("/") ? path : repository.map { $0 + "/" + path }
        case .huggingFace(let id, let revision):
            folder = "\(cache)/bases/hf-\(id.replacing("/", with: "--"))-\(revision)/model"
        }
        return folder.flatMap { FileStatus.isFile($0 + "/config.json") ? $0 : nil }
    }

    /// The base in `job.json` and in requests to generate.
    package var json: JSONValue {
        let fields: [(String, JSONValue)] =
            switch source {
            case .huggingFace(let id, let revision):
                [("kind", "huggingface"), ("id", .string(id)), ("revision", .string(revision))]
            case .python(let package, let version):
                [("kind", "python"), ("package", .string(package)), ("version", .string(version))]
            case .path(let path): [("kind", "path"), ("path", .string(path))]
            }
        let common: [(String, JSONValue)] = [
            ("name", .string(name)),
            ("identity", identity.map { .string($0) } ?? .null),
            ("adapter", adapter.map { .string($0) } ?? .null),
        ]
        return .object(JSONObject((fields + common).map { JSONObject.Member(key: $0.0, value: $0.1) }))
    }
}
