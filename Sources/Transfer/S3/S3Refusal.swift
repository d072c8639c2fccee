//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// What a store that speaks S3 says against a request.
package struct S3Refusal: Hashable, Sendable {
    /// What is wrong.
    package enum Kind: Hashable, Sendable {
        /// The bucket is in this region, and another was asked.
        case region(String)
        /// There is no such thing.
        case missing
        /// Whoever asks may not.
        case refused
        /// The store cannot, at least now.
        case unable
    }

    /// What is wrong.
    package let kind: Kind
    /// The store's own word for it.
    package let reason: String
    private let signature: S3Signature?

    /// Reads an answer, and the beginning of its body.
    package init(_ response: TransferResponse, body: String, _ settings: S3Settings) {
        reason = Self.element("Code", in: body) ?? "status \(response.status)"
        signature = settings.signature
        kind =
            if let region = response["x-amz-bucket-region"], region != settings.region {
                .region(region)
            } else {
                switch response.status {
                case 404: .missing
                // Some stores call a request without a signature a bad one, and AWS one of expired keys.
                case 400 where settings.signature == nil || Self.remedies[reason] != nil, 401, 403: .refused
                default: .unable
                }
            }
    }

    /// What to do where it refuses whoever asks; the permission is what the request needs.
    package func advice(permission: String) -> String {
        guard let signature else {
            return "no credentials were found: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE"
        }
        if reason == "SignatureDoesNotMatch" {
            return "the secret access key is not the one of access key \(signature.key), or the region is not "
                + signature.region
        }
        return "access key \(signature.key) was used; \(Self.remedies[reason] ?? "it needs \(permission)")"
    }

    /// What to do about keys that are refused for other reasons than what they may do.
    private static let remedies = [
        "ExpiredToken": "its session is over: renew the credentials",
        "InvalidToken": "its session token is not valid: renew the credentials",
        "TokenRefreshRequired": "its session is over: renew the credentials",
        "InvalidAccessKeyId": "the store does not know it",
        "RequestTimeTooSkewed": "the clock of this machine is wrong",
        "InvalidObjectState": "the object is archived: restore it first",
    ]

    /// The text of an element of S3's XML, where it is a plain word.
    package static func element(_ name: String, in body: String) -> String? {
        guard let start = body.firstRange(of: "<\(name)>"), let end = body.firstRange(of: "</\(name)>"),
            start.upperBound < end.lowerBound
        else { return nil }
        let text = body[start.upperBound..<end.lowerBound]
        return text.utf8.count < 1024 && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F } ? String(text) : nil
    }
}
