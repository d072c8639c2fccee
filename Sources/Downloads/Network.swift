//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import POSIX
internal import Resources
internal import Transfer

/// The settings of this machine by which sources are reached.
struct Network: Sendable {
    let client: TransferClient
    let environment: [String: String]

    /// Bytes of a source, unless `FTOPS_DOWNLOAD_LIMIT` says another number.
    private static let usualLimit = 64 << 30

    init(_ environment: [String: String]) {
        self.environment = environment
        client = TransferClient(agent: "ftops/\(Release.version)", environment: environment)
    }

    func origin(of source: RemoteSource) throws -> any Origin {
        switch source.place {
        case .web(let text): try WebOrigin(text, self)
        case .bucket(let bucket, let key): try BucketOrigin(bucket: bucket, key: key, self)
        case .hub(let source): try HubOrigin(source, self)
        }
    }

    /// A request for a file of a source. An endpoint that this machine's own settings name need not be public.
    func request(_ address: WebAddress, endpoint: WebAddress? = nil) throws(DownloadError) -> TransferRequest {
        var request = TransferRequest(address)
        request.limits.size = try limit()
        request.privateHosts = PrivateHosts(environment[PrivateHosts.variable] ?? "")
        if let endpoint { request.privateHosts = request.privateHosts.adding(endpoint) }
        return request
    }

    private func limit() throws(DownloadError) -> Int {
        guard let text = environment["FTOPS_DOWNLOAD_LIMIT"], !text.isEmpty else { return Self.usualLimit }
        guard let limit = Int(text), limit > 0 else {
            throw DownloadError(.settings, "FTOPS_DOWNLOAD_LIMIT is \(text): it takes a number of bytes")
        }
        return limit
    }
}
