//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Digest
internal import POSIX
package import Resources

/// Files by the digest of their bytes: a folder for each digest, which appears as a whole or not at all.
struct ContentCache {
    /// The folder that holds it all.
    let folder: String

    /// The content of a digest, where it is here.
    func find(_ digest: ContentDigest) throws -> CachedContent? {
        let path = "\(folder)/\(digest)"
        let names = try Folder.names(in: path)
        let files = try names.compactMap { name in
            try FileStatus.of("\(path)/\(name)").map { status in
                CachedContent.File(name: name, path: "\(path)/\(name)", size: status.size)
            }
        }
        return files.isEmpty ? nil : CachedContent(digest: digest, files: files)
    }

    /// Takes files over, which then are no longer where they were.
    func adopt(_ files: [(path: String, name: String)]) throws -> CachedContent {
        let digest = try Self.digest(files.map(\.path))
        if let known = try find(digest) { return known }
        let pending = "\(folder)/\(PendingFile.prefix)\(RandomBytes.hex(8))"
        try Folder.make(pending)
        for (index, file) in files.enumerated() {
            try Folder.move(file.path, to: "\(pending)/\(Self.name(file.name, index, of: files.count))")
        }
        try Folder.synchronize(pending)
        do throws(POSIXError) {
            try Folder.move(pending, to: "\(folder)/\(digest)")
        } catch {
            // Another process was first with the same bytes.
            try Folder.remove(pending)
            guard error.isPresent else { throw error }
        }
        guard let content = try find(digest) else {
            throw DownloadError(.unreachable, "\(folder)/\(digest) is gone as soon as it was written")
        }
        return content
    }

    /// Whether a content's bytes still have its digest.
    func isWhole(_ content: CachedContent) throws -> Bool {
        try Self.digest(content.files.map(\.path)) == content.digest
    }

    private static func digest(_ paths: [String]) throws -> ContentDigest {
        var hasher = SHA256Hasher()
        for path in paths { try FileContents.forEachPart(of: path) { hasher.update($0) } }
        return ContentDigest(hasher.finalize())
    }

    /// Forgets a content, which is not what its digest says.
    func remove(_ digest: ContentDigest) throws { try Folder.remove("\(folder)/\(digest)") }

    /// A name that is safe on any disk; of several files, one that keeps their order.
    private static func name(_ name: String, _ index: Int, of count: Int) -> String {
        let safe = String(name.unicodeScalars.map { isSafe($0) ? Character($0) : "_" }.suffix(100))
        let bare = String(safe.drop { $0 == "." })
        let number = String(index + 100_000).dropFirst()
        return (count > 1 ? number + "-" : "") + (bare.isEmpty ? "data" : bare)
    }

    private static func isSafe(_ scalar: Unicode.Scalar) -> Bool {
        scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil)
            || "._-".unicodeScalars.contains(scalar)
    }
}

extension ContentDigest {
    /// The digest as resources write it.
    package init(_ digest: SHA256Digest) { self.init(words: digest.words) }
}
