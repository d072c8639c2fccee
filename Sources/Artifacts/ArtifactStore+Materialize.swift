//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import POSIX
package import Resources

extension ArtifactStore {
    /// Puts a version's files into a folder, linked where the disk allows and copied where not. What is there and right
    /// stays; what is there and wrong is replaced. Every file has been verified when it returns.
    package func materialize(_ files: [VersionRecord.File], into folder: String) throws {
        for file in files where !Self.isInside(file.name) {
            throw ArtifactError(
                .name,
                "the file name \(file.name) of a version would leave its folder: mend its record"
            )
        }
        for file in files {
            let target = folder + "/" + file.name
            try Folder.make(Folder.parent(of: target))
            if FileStatus.isFile(target), try Self.digest(of: target) == file.sha256 { continue }
            try verify(file.sha256)
            try link(file.sha256, to: target)
        }
    }

    /// Names come from records in git, which anybody may have written.
    static func isInside(_ name: String) -> Bool {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        return !name.utf8.contains(0) && parts.allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." }
    }

    private func link(_ digest: ContentDigest, to target: String) throws {
        let temporary = Folder.parent(of: target) + "/" + PendingFile.prefix + RandomBytes.hex(8)
        do {
            try Folder.link(object(digest), to: temporary)
        } catch {
            // Another disk, or a disk without links.
            return try copy(digest, to: target)
        }
        do {
            try Folder.move(temporary, to: target)
        } catch {
            try? Folder.remove(temporary)
            throw error
        }
        // Where both names were one file already, the rename did nothing.
        try Folder.remove(temporary)
    }
}
