//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import POSIX
internal import Transfer

/// An object in a store that speaks S3.
struct BucketOrigin: Origin {
    private let bucket: String
    private let key: String
    private let settings: S3Settings
    private let request: TransferRequest

    init(bucket: String, key: String, _ network: Network) throws {
        self.bucket = bucket
        self.key = key
        do {
            settings = try S3Settings(environment: network.environment) { path in
                try FileContents.readIfPresent(path, limit: 1 << 20).map { String(decoding: $0, as: UTF8.self) }
            }
        } catch {
            throw DownloadError(.settings, "\(error)")
        }
        let address = try settings.address(bucket: bucket, key: key)
        var request = try network.request(address, endpoint: settings.endpoint.map { _ in address })
        request.authorization = settings.signature.map { .signature($0) } ?? .none
        self.request = request
    }

    func list() throws -> RemoteListing {
        let name = String(key.split(separator: "/").last ?? "")
        return RemoteListing(files: [RemoteListing.File(name: name, request: request)])
    }

    func refusal(_ response: TransferResponse, body: String) -> DownloadError {
        let source = "s3://\(bucket)/\(key)"
        let place = request.address.origin
        let reason = Self.element("Code", in: body) ?? "status \(response.status)"
        if let region = response["x-amz-bucket-region"], region != settings.region {
            let message = "the bucket \(bucket) is in region \(region), and \(settings.region) was asked"
            return DownloadError(.settings, message, notes: ["set AWS_REGION=\(region)"])
        }
        switch response.status {
        case 404: return DownloadError(.missing, "there is no \(source) at \(place): \(reason)")
        // Some stores call a request without a signature a bad one.
        case 400 where settings.signature == nil, 401, 403:
            return DownloadError(.refused, "\(place) refuses \(source): \(reason)", notes: [advice(reason)])
        default: return DownloadError(.unreachable, "\(place) cannot give \(source): \(reason)")
        }
    }

    private func advice(_ reason: String) -> String {
        guard let signature = settings.signature else {
            return "no credentials were found: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE"
        }
        return reason == "SignatureDoesNotMatch"
            ? "the secret access key is not the one of access key \(signature.key), or the region is not \(signature.region)"
            : "access key \(signature.key) was used; it needs s3:GetObject on the object"
    }

    /// The text of an element of S3's XML, where it is a plain word.
    private static func element(_ name: String, in body: String) -> String? {
        guard let start = body.firstRange(of: "<\(name)>"), let end = body.firstRange(of: "</\(name)>"),
            start.upperBound < end.lowerBound
        else { return nil }
        let text = body[start.upperBound..<end.lowerBound]
        return text.utf8.count < 80 && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F } ? String(text) : nil
    }
}
