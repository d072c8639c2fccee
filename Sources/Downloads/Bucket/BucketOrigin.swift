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
        let (source, place) = ("s3://\(bucket)/\(key)", request.address.origin)
        let refusal = S3Refusal(response, body: body, settings)
        switch refusal.kind {
        case .region(let region):
            let message = "the bucket \(bucket) is in region \(region), and \(settings.region) was asked"
            return DownloadError(.settings, message, notes: ["set AWS_REGION=\(region)"])
        case .missing: return DownloadError(.missing, "there is no \(source) at \(place): \(refusal.reason)")
        case .refused:
            let advice = refusal.advice(permission: "s3:GetObject on the object")
            return DownloadError(.refused, "\(place) refuses \(source): \(refusal.reason)", notes: [advice])
        case .unable: return DownloadError(.unreachable, "\(place) cannot give \(source): \(refusal.reason)")
        }
    }
}
