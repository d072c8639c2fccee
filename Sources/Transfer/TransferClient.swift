//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import CCurl

/// Speaks with servers, one request at a time, by the proxy and the certificates that curl would use.
package struct TransferClient: Sendable {
    /// What is done with an answer's head, once and before its body.
    package typealias OnResponse = (TransferResponse) throws -> Void
    /// What is done with the next part of an answer's body.
    package typealias OnBody = ([UInt8]) throws -> Void

    private let agent: String
    private let environment: [String: String]

    /// Makes a client that calls itself `agent`; the environment says which proxy and certificates to use.
    package init(agent: String, environment: [String: String]) {
        self.agent = agent
        self.environment = environment
    }

    /// Sends a request and hands the answer on as it comes, whatever its status.
    ///
    /// The body comes as the server sends it: where it says that it has compressed it, it stays so, and a small answer
    /// never becomes a large one.
    ///
    /// - Throws: what the receivers throw, and `TransferError`; no status is an error.
    @discardableResult
    package func send(
        _ request: TransferRequest,
        onResponse: @escaping OnResponse = { _ in },
        onBody: @escaping OnBody
    ) throws -> TransferResponse {
        var handle = try EasyHandle()
        var request = request
        let receiver = Exchange.Receiver(onResponse: onResponse, onBody: onBody)
        for _ in 0...request.limits.redirects {
            let exchange = try perform(request, &handle, receiver)
            guard let target = exchange.redirect else { return exchange.response }
            request = try Redirect.follow(request, to: target)
        }
        throw TransferError(
            .redirect,
            "more than \(request.limits.redirects) redirects, the last to \(request.address.origin)"
        )
    }

    private func perform(
        _ request: TransferRequest,
        _ handle: inout EasyHandle,
        _ receiver: Exchange.Receiver
    ) throws -> Exchange {
        let proxy = Proxy.choose(for: request.address, environment)
        // Behind a proxy it is the proxy that connects, and looks names up; an address that is written out is seen here.
        if proxy != nil, !request.privateHosts.allow(request.address), request.address.isPlainlyPrivate {
            throw TransferError.privateAddress(request.address, NetworkAddress(request.address.host))
        }
        let exchange = Exchange(request, isDirect: proxy == nil, receiver)
        try configure(&handle, request, proxy)
        try handle.set(exchange)
        let code = try withExtendedLifetime(exchange) { try handle.perform(request.method) }
        if let failure = exchange.failure { throw failure }
        guard code == CURLE_OK || exchange.isCutShort else {
            throw exchange.refusal ?? TransferError(code, handle.reason(code), request)
        }
        if exchange.redirect == nil { try exchange.begin() }
        return exchange
    }

    private func configure(_ handle: inout EasyHandle, _ request: TransferRequest, _ proxy: String?) throws {
        try handle.reset()
        try handle.set(CURLOPT_URL, request.address.text)
        try handle.set(CURLOPT_PROTOCOLS_STR, request.address.scheme)
        try handle.set(CURLOPT_NOSIGNAL, 1)
        try handle.set(CURLOPT_USERAGENT, agent)
        try handle.set(CURLOPT_CONNECTTIMEOUT, request.limits.connecting)
        try handle.set(CURLOPT_LOW_SPEED_LIMIT, 1024)
        try handle.set(CURLOPT_LOW_SPEED_TIME, request.limits.stalling)
        try handle.set(CURLOPT_BUFFERSIZE, 256 << 10)
        try handle.set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        try handle.set(CURLOPT_PROXY, proxy ?? "")
        try handle.set(CURLOPT_NOPROXY, "")
        for (option, names) in Self.certificates {
            guard let path = names.lazy.compactMap({ environment[$0] }).first(where: { !$0.isEmpty }) else { continue }
            try handle.set(option, path)
        }
        var headers = request.headers
        if request.method.body != nil { headers.append(TransferHeader("Content-Type", "application/octet-stream")) }
        switch request.authorization {
        case .none: break
        case .bearer(let token): headers.append(TransferHeader("Authorization", "Bearer \(token.value)"))
        case .signature(let signature):
            headers += signature.headers(of: request.method.body)
            try handle.set(CURLOPT_AWS_SIGV4, "aws:amz:\(signature.region):s3")
            try handle.set(CURLOPT_USERNAME, signature.key)
            try handle.set(CURLOPT_PASSWORD, signature.secret.value)
        }
        try handle.set(headers: headers)
    }

    /// The variables that the command curl reads.
    private static let certificates = [
        (CURLOPT_CAINFO, ["CURL_CA_BUNDLE", "SSL_CERT_FILE"]), (CURLOPT_CAPATH, ["SSL_CERT_DIR"]),
    ]
}

extension WebAddress {
    /// Whether the address itself, without asking any name server, says that it is not public.
    fileprivate var isPlainlyPrivate: Bool {
        if let literal = NetworkAddress(host) { return !literal.isPublic }
        return host == "localhost" || host.hasSuffix(".localhost")
    }
}

extension TransferError {
    init(_ code: CURLcode, _ reason: String, _ request: TransferRequest) {
        let origin = request.address.origin
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY, CURLE_COULDNT_CONNECT:
            self.init(.unreachable, "cannot reach \(origin): \(reason)")
        case CURLE_OPERATION_TIMEDOUT:
            self.init(.timedOut, "\(origin) is too slow: \(reason)")
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR:
            let advice = "CURL_CA_BUNDLE names a file of other certificates to trust"
            self.init(.certificate, "the certificate of \(origin) is not trusted: \(reason); \(advice)")
        case CURLE_PARTIAL_FILE, CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_GOT_NOTHING, CURLE_HTTP2,
            CURLE_HTTP2_STREAM, CURLE_SSL_CONNECT_ERROR:
            self.init(.interrupted, "the connection to \(origin) broke: \(reason)")
        default: self.init(.failed, "cannot read \(request.address): \(reason)")
        }
    }
}
