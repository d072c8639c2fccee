//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Digest
internal import POSIX
internal import Resources
internal import Transfer

/// Puts an object in several parts, which S3 joins when it is told that they are all there: before that it has none.
struct PartedUpload {
    let bucket: ObjectBucket
    let key: String

    private static let permission = "s3:PutObject"
    /// Seconds that joining may take, in which little is heard.
    private static let joining = 900

    /// Sends a file part by part, and has them joined where they are what the digest says.
    func send(_ file: OpenFile, size: Int, digest: ContentDigest) throws {
        let upload = try begin()
        do {
            var hasher = SHA256Hasher()
            var tags: [String] = []
            for start in stride(from: 0, to: size, by: bucket.partSize) {
                let bytes = try file.read(exactly: min(bucket.partSize, size - start), at: start)
                hasher.update(bytes)
                tags.append(try send(bytes, part: tags.count + 1, of: upload))
            }
            try ObjectBucket.check(hasher.digest, is: digest, of: file.path)
            try join(tags, of: upload) { try bucket.size(of: digest) == size }
        } catch {
            // What was sent would be kept and paid for, out of sight.
            _ = try? bucket.persistently { try bucket.session().send(.delete, key, query: "?uploadId=\(upload)") }
            throw error
        }
    }

    private func begin() throws -> String {
        try bucket.persistently {
            let session = try bucket.session()
            let (response, text) = try session.send(.post(Self.body("")), key, query: "?uploads=")
            guard response.status == 200, let upload = S3Refusal.element("UploadId", in: text) else {
                throw session.refusal(response, body: text, permission: Self.permission)
            }
            return S3Settings.escaped(upload)
        }
    }

    private func send(_ bytes: [UInt8], part: Int, of upload: String) throws -> String {
        let sha256 = SHA256Digest.of(bytes).hex
        return try bucket.persistently {
            let query = "?partNumber=\(part)&uploadId=\(upload)"
            let response = try bucket.session().put(bytes, at: key, sha256: sha256, query: query)
            guard let tag = response["etag"], !tag.contains("<"), !tag.contains("&") else {
                throw ArtifactError(.unreachable, "the store \(bucket.location) names no part by an ETag")
            }
            return tag
        }
    }

    /// Has parts joined. Where it was not heard that they were, there is no upload any more but the object.
    private func join(_ tags: [String], of upload: String, isThere: () throws -> Bool) throws {
        let parts = tags.enumerated().map { number, tag in
            "<Part><PartNumber>\(number + 1)</PartNumber><ETag>\(tag)</ETag></Part>"
        }
        let body = Self.body("<CompleteMultipartUpload>\(parts.joined())</CompleteMultipartUpload>")
        try bucket.persistently {
            let session = try bucket.session()
            let query = "?uploadId=\(upload)"
            let (response, text) = try session.send(.post(body), key, query: query, patience: Self.joining)
            if response.status == 404, try isThere() { return }
            guard response.status == 200, !text.contains("<Error>") else {
                throw session.refusal(response, body: text, permission: Self.permission)
            }
        }
    }

    private static func body(_ text: String) -> TransferBody {
        let bytes = Array(text.utf8)
        return TransferBody(bytes, sha256: SHA256Digest.of(bytes).hex)
    }
}
