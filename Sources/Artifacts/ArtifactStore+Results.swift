//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import POSIX
package import Resources

extension ArtifactStore {
    private static let digits = 64

    private func folder(of fingerprint: Fingerprint) -> String { "\(notes)/trained/\(fingerprint.hex.prefix(2))" }

    private func note(of fingerprint: Fingerprint) -> String { "\(folder(of: fingerprint))/\(fingerprint)" }

    /// Notes which object tells the result of a fingerprint, for whoever asks for the same on this machine; on the disk
    /// when it returns. All that the object names is in the store.
    package func note(_ record: ContentDigest, asResultOf fingerprint: Fingerprint) throws {
        try Folder.make(folder(of: fingerprint), permissions: 0o755)
        try DurableFile.write("\(record)\n", to: note(of: fingerprint))
    }

    /// The object that tells the result of a fingerprint; nothing where none is noted.
    ///
    /// A note names weights that nobody can tell from others by looking at them, so it counts only where this user or
    /// root wrote it.
    package func result(of fingerprint: Fingerprint) throws -> ContentDigest? {
        let path = note(of: fingerprint)
        guard let status = try FileStatus.of(path, followingLinks: false) else { return nil }
        guard status.kind == .file, status.permissions & 0o022 == 0, status.owner == 0 || status.owner == Machine.user
        else { throw ArtifactError(.note, "\(path) is not a file that this user alone can write: remove it") }
        let text = String(decoding: try FileContents.read(path, limit: 4 * Self.digits), as: UTF8.self)
        guard text.hasSuffix("\n"), let record = ContentDigest(rawValue: String(text.dropLast())) else {
            throw ArtifactError(.note, "\(path) does not name a result: remove it")
        }
        return record
    }

    /// The file whose lock is held by who trains a fingerprint, so that others on this machine wait for its result;
    /// nothing on a network file system, where locks cannot be trusted.
    package func turn(of fingerprint: Fingerprint) throws -> String? {
        try Folder.make(folder(of: fingerprint), permissions: 0o755)
        guard try FileSystemKind.network(folder(of: fingerprint)) == nil else { return nil }
        return note(of: fingerprint) + ".lock"
    }

    /// Whether the store has files by their names and sizes, and all of them can lie in one folder.
    package func holds(_ files: [VersionRecord.File]) throws -> Bool {
        guard !files.isEmpty, Set(files.map(\.name)).count == files.count else { return false }
        return try files.allSatisfy { try Self.isInside($0.name) && size(of: $0.sha256) == $0.size }
    }
}
