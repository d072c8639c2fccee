//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Resources

/// Which weights a base model is, as one text that enters the fingerprint.
package enum BaseIdentity {
    /// The identity of a base model.
    ///
    /// That is `identity:` where given, else the first present of `<hugging face id>@<commit>`,
    /// `<package>==<version>`, the digest of a folder's files, and `<owner>/<name>:<digest>` at Replicate. The digest
    /// of a folder is handed in, as only its reader can know it.
    package static func of(
        _ base: BaseModel,
        named name: ResourceName,
        files: ContentDigest? = nil
    ) throws(PlanningError) -> String {
        if let identity = base.identity { return identity }
        switch base.node?.source {
        case .huggingFace(let id, let revision): return "\(id)@\(revision)"
        case .python(let package, let version): return "\(package)==\(version)"
        case .path(let path):
            guard let files else {
                throw PlanningError(
                    .baseWithoutIdentity,
                    "base model \(name) has no config.json with weights in \(path); put its files there, or add `identity:`"
                )
            }
            return files.rawValue
        case nil:
            guard let version = base.replicate?.version else {
                throw PlanningError(
                    .baseWithoutIdentity,
                    "base model \(name) has no source; add `node:` with `path`, `python` or `huggingface`"
                )
            }
            return version
        }
    }

    /// The digest of a folder in Hugging Face layout, over its configuration, tokenizer and weight files.
    package static func digest(of files: [VersionRecord.File]) -> ContentDigest { .ofFiles(files) }
}
