//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Planning
internal import Resources

/// Finds out which weights a base model has that is a folder.
struct BaseReader {
    /// The folder that a relative path starts from.
    let top: String?
    /// Where digests of folders are remembered.
    let cache: String
    /// The files of the commit, where nothing else is looked at.
    var commit: RepositoryFiles?
    /// Bytes that a file of those has at most.
    var limit = Int.max
    /// Is told which folders are looked at.
    var seen: SeenFiles?

    /// The digest of a base's files, where it takes that to know the base; nothing where they are not there.
    func digest(of base: Located<BaseModel>) throws -> ContentDigest? {
        guard base.spec.identity == nil, case .path(let path) = base.spec.node?.source else { return nil }
        if let commit { return try digest(of: base, at: path, in: commit) }
        guard let absolute = path.hasPrefix("/") ? path : top.map({ $0 + "/" + path }) else { return nil }
        seen?.look(.base(absolute))
        return try BaseFolder(path: absolute, cache: cache).digest()
    }

    private func digest(
        of base: Located<BaseModel>,
        at path: String,
        in commit: RepositoryFiles
    ) throws -> ContentDigest {
        do {
            guard !path.hasPrefix("/") else { throw RepositoryFiles.Hindrance("it is a folder of this machine") }
            guard try !commit.isLinked(path) else {
                throw RepositoryFiles.Hindrance("\(path) is a symbolic link, or in one")
            }
            guard let files = try commit.baseFiles(in: path, limit: limit) else {
                throw RepositoryFiles.Hindrance("the commit has no config.json with weights in \(path)")
            }
            return BaseIdentity.digest(of: files)
        } catch let hindrance as RepositoryFiles.Hindrance {
            throw Unread(
                reason: "base model \(base.name) is not read: \(hindrance.reason); "
                    + "`identity` says which weights it has",
                range: base.fields["spec.node.path"] ?? base.range
            )
        }
    }
}
