//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import POSIX
internal import Resources
internal import Transfer

/// Requests to a bucket, by the settings of this machine.
struct BucketSession {
    private let bucket: ObjectBucket
    private let settings: S3Settings
    private let client: TransferClient
    private let privateHosts: PrivateHosts

    /// Bytes of an answer that is no object.
    private static let textLimit = 1 << 20

    init(_ bucket: ObjectBucket, environment: [String: String]) throws {
        self.bucket = bucket
        do {
            settings = try S3Settings(environment: environment) { path in
                try FileContents.readIfPresent(path, limit: 1 << 20).map { String(decoding: $0, as: UTF8.self) }
            }
        } catch {
            throw ArtifactError(.settings, "the store \(bucket.location): \(error)")
        }
        privateHosts = PrivateHosts(environment[PrivateHosts.variable] ?? "")
        client = TransferClient(agent: "ftops/\(Release.version)", environment: environment)
    }

    /// Sends a request about a key, whose answer may be as silent for `patience` seconds; `object` gets the parts of a
    /// body that is one, the text is of any other.
    func send(
        _ method: TransferRequest.Method,
        _ key: String,
        query: String = "",
        headers: [TransferHeader] = [],
        patience: Int? = nil,
        object: (([UInt8]) throws -> Void)? = nil
    ) throws -> (response: TransferResponse, text: String) {
        do {
            let address = try WebAddress(settings.address(bucket: bucket.name, key: key).text + query)
            var request = TransferRequest(address)
            request.method = method
            request.headers = headers
            request.authorization = settings.signature.map { .signature($0) } ?? .none
            request.limits.size = .max
            request.limits.stalling = patience ?? request.limits.stalling
            // The endpoint is this machine's own setting.
            request.privateHosts = settings.endpoint == nil ? privateHosts : privateHosts.adding(address)
            let body = AnswerBody(object, limit: Self.textLimit)
            let response = try client.send(request, onResponse: body.begin, onBody: body.append)
            return (response, body.text)
        } catch let error as TransferError {
            let isBusy = [.interrupted, .timedOut].contains(error.code)
            throw ArtifactError(isBusy ? .busy : .unreachable, "the store \(bucket.location): \(error)")
        }
    }

    /// Puts bytes, or one part of several.
    func put(_ bytes: [UInt8], at key: String, sha256: String, query: String = "") throws -> TransferResponse {
        let (response, text) = try send(.put(TransferBody(bytes, sha256: sha256)), key, query: query)
        guard response.status == 200 else { throw refusal(response, body: text, permission: "s3:PutObject") }
        return response
    }

    /// Why the store did not do what it was asked.
    func refusal(_ response: TransferResponse, body: String, permission: String) -> ArtifactError {
        let refusal = S3Refusal(response, body: body, settings)
        let place = "the store \(bucket.location) at \(response.address.origin)"
        switch refusal.kind {
        case .region(let region):
            let message = "the bucket \(bucket.name) is in region \(region), and \(settings.region) was asked"
            return ArtifactError(.settings, "\(message): set AWS_REGION=\(region)")
        case .missing:
            return ArtifactError(.settings, "\(place) is not there (\(refusal.reason)): make the bucket \(bucket.name)")
        case .refused:
            let advice = refusal.advice(permission: permission)
            return ArtifactError(.settings, "\(place) refuses (\(refusal.reason)): \(advice)")
        case .unable:
            // What takes long begins with 200 before it is known how it ends.
            let isBusy = [200, 429, 500, 502, 503, 504].contains(response.status)
            return ArtifactError(isBusy ? .busy : .unreachable, "\(place) cannot do it now: \(refusal.reason)")
        }
    }
}

/// What comes back: an object, or a text about why there is none.
private final class AnswerBody {
    private let object: (([UInt8]) throws -> Void)?
    private let limit: Int
    private var isObject = false
    private var bytes: [UInt8] = []

    init(_ object: (([UInt8]) throws -> Void)?, limit: Int) {
        self.object = object
        self.limit = limit
    }

    var text: String { String(decoding: bytes, as: UTF8.self) }

    func begin(_ response: TransferResponse) { isObject = response.status == 200 && object != nil }

    func append(_ part: [UInt8]) throws {
        if isObject { return try object?(part) ?? () }
        bytes += part.prefix(limit - bytes.count)
    }
}
