//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// Who asks a store that speaks S3, and how a request is signed.
package struct S3Signature: Hashable, Sendable {
    /// The access key's id.
    package let key: String
    /// The secret that belongs to it.
    package let secret: Secret
    /// The token of a session, where the key belongs to one.
    package let session: Secret?
    /// The region that the signature is for.
    package let region: String

    /// Makes a signature.
    package init(key: String, secret: Secret, session: Secret?, region: String) {
        self.key = key
        self.secret = secret
        self.session = session
        self.region = region
    }

    /// Headers that are signed with a request that sends a body, or none, which libcurl itself does not add.
    func headers(of body: TransferBody?) -> [TransferHeader] {
        [TransferHeader("x-amz-content-sha256", body?.sha256 ?? "UNSIGNED-PAYLOAD")]
            + (session.map { [TransferHeader("x-amz-security-token", $0.value)] } ?? [])
    }
}
