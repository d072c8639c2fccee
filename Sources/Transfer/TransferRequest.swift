//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// What a transfer takes at most.
package struct TransferLimits: Hashable, Sendable {
    /// Bytes of the answer.
    package var size: Int
    /// Seconds to connect.
    package var connecting: Int
    /// Seconds in which less than a kilobyte a second may come, before it is given up.
    package var stalling: Int
    /// Redirects that are followed.
    package var redirects: Int

    /// Makes limits.
    package init(size: Int = 64 << 20, connecting: Int = 30, stalling: Int = 60, redirects: Int = 10) {
        self.size = size
        self.connecting = connecting
        self.stalling = stalling
        self.redirects = redirects
    }
}

/// A header of a request.
package struct TransferHeader: Hashable, Sendable {
    /// The name.
    package var name: String
    /// The value.
    package var value: String

    /// Makes a header.
    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// What is sent to a server.
package struct TransferBody: Hashable, Sendable {
    /// The bytes.
    package var bytes: [UInt8]
    /// Their SHA-256, in hexadecimal digits, which a signature names.
    package var sha256: String

    /// Makes a body.
    package init(_ bytes: [UInt8], sha256: String) {
        self.bytes = bytes
        self.sha256 = sha256
    }
}

/// What is asked of a server, as a rule the content of an address.
package struct TransferRequest: Hashable, Sendable {
    /// What the server is to do.
    package enum Method: Hashable, Sendable {
        /// To give what lies at the address.
        case get
        /// To say what it would answer to that, without a body.
        case head
        /// To keep a body there.
        case put(TransferBody)
        /// To do with a body what the address says.
        case post(TransferBody)
        /// To remove what lies there.
        case delete

        /// The method's name on the wire.
        var name: String {
            switch self {
            case .get: "GET"
            case .head: "HEAD"
            case .put: "PUT"
            case .post: "POST"
            case .delete: "DELETE"
            }
        }

        /// What is sent along.
        var body: TransferBody? {
            switch self {
            case .put(let body), .post(let body): body
            case .get, .head, .delete: nil
            }
        }
    }

    /// How the server knows who asks.
    package enum Authorization: Hashable, Sendable {
        /// It does not.
        case none
        /// By a token.
        case bearer(Secret)
        /// By a signature as S3 wants it.
        case signature(S3Signature)
    }

    /// What the server is to do.
    package var method = Method.get
    /// The address.
    package var address: WebAddress
    /// Headers besides those that every request has.
    package var headers: [TransferHeader]
    /// How the server knows who asks; other servers, which it may redirect to, are not told.
    package var authorization: Authorization
    /// What it takes at most.
    package var limits: TransferLimits
    /// Hosts whose address need not be public.
    package var privateHosts: PrivateHosts

    /// Makes a request.
    package init(
        _ address: WebAddress,
        headers: [TransferHeader] = [],
        authorization: Authorization = .none,
        limits: TransferLimits = TransferLimits(),
        privateHosts: PrivateHosts = PrivateHosts()
    ) {
        self.address = address
        self.headers = headers
        self.authorization = authorization
        self.limits = limits
        self.privateHosts = privateHosts
    }
}
