//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import POSIX
package import Resources

extension ArtifactStore {
    /// Copies a version's files into a folder that is somebody's own: nothing there is a link to the store, and nothing
    /// that was there is replaced. What is there already and right stays, so that a copy that was cut off goes on.
    ///
    /// - Throws: `ArtifactError` where the folder has another file of that name, before anything is copied.
    package func copy(
        _ files: [VersionRecord.File],
        into folder: String,
        tell: (VersionRecord.File) -> Void = { _ in }
    ) throws {
        var missing: [VersionRecord.File] = []
        for file in files {
            guard Self.isInside(file.name) else {
                throw ArtifactError(
                    .name,
                    "the file name \(file.name) of a version would leave its folder: mend its record"
                )
            }
            if try !isThere(file, in: folder) { missing.append(file) }
        }
        for file in missing {
            tell(file)
            let target = folder + "/" + file.name
            try Folder.make(Folder.parent(of: target), permissions: 0o755)
            try copy(file.sha256, to: target)
        }
    }

    private func isThere(_ file: VersionRecord.File, in folder: String) throws -> Bool {
        let target = folder + "/" + file.name
        guard let status = try FileStatus.of(target) else { return false }
        guard status.kind == .file, try Self.digest(of: target) == file.sha256 else {
            throw ArtifactError(
                .occupied,
                "\(target) is there already and is something else: name another folder, or remove it"
            )
        }
        return true
    }
}
