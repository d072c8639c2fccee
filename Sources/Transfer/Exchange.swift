//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import CCurl
internal import Glibc

/// One request and its answer, as libcurl's callbacks see them.
final class Exchange {
    /// What is done with an answer that is no redirect.
    struct Receiver {
        var onResponse: (TransferResponse) throws -> Void
        var onBody: ([UInt8]) throws -> Void
    }

    /// Why the exchange was broken off from here.
    private(set) var failure: (any Error)?
    /// Why an address was not connected to; another of the same host may have been.
    private(set) var refusal: TransferError?
    /// Whether it was broken off because the answer is a redirect, whose body is of no use.
    private(set) var isCutShort = false
    /// What the server said.
    private(set) var head = ResponseHead()

    private let request: TransferRequest
    private let isDirect: Bool
    private let receiver: Receiver
    private var hasBegun = false
    private var received = 0

    init(_ request: TransferRequest, isDirect: Bool, _ receiver: Receiver) {
        self.request = request
        self.isDirect = isDirect
        self.receiver = receiver
    }

    /// Where the answer sends instead, as it says it; nothing where it is one.
    var redirect: String? { [301, 302, 303, 307, 308].contains(head.status) ? head.headers["location"] : nil }

    var response: TransferResponse {
        TransferResponse(address: request.address, status: head.status, headers: head.headers)
    }

    /// Hands the head on, once; an answer without a body comes by here too.
    func begin() throws {
        guard !hasBegun else { return }
        hasBegun = true
        try checkSize(response.size ?? 0)
        try receiver.onResponse(response)
    }

    private func receive(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard redirect == nil else {
            isCutShort = true
            return false
        }
        return attempt {
            try begin()
            received += bytes.count
            try checkSize(received)
            try receiver.onBody([UInt8](bytes))
        }
    }

    private func checkSize(_ size: Int) throws(TransferError) {
        guard size > request.limits.size else { return }
        throw TransferError(.tooLarge, "\(request.address) has more than the \(request.limits.size) bytes allowed")
    }

    private func attempt(_ body: () throws -> Void) -> Bool {
        do {
            try body()
            return true
        } catch {
            failure = error
            return false
        }
    }

    /// Looks at the very address that is about to be connected to, so that no name can change its meaning in between.
    private func connect(_ place: curl_sockaddr, _ address: UnsafePointer<sockaddr>) -> curl_socket_t {
        if isDirect, !request.privateHosts.allow(request.address) {
            let found = NetworkAddress(address, family: place.family)
            guard found?.isPublic == true else {
                refusal = .privateAddress(request.address, found)
                return CURL_SOCKET_BAD
            }
        }
        return socket(place.family, place.socktype | Int32(SOCK_CLOEXEC.rawValue), place.protocol)
    }
}

extension Exchange {
    // What returns another number than it was given breaks the transfer off.

    static let onHeader: curl_write_callback = { bytes, size, count, context in
        guard let bytes, let context else { return 0 }
        let exchange = Unmanaged<Exchange>.fromOpaque(context).takeUnretainedValue()
        let line = UnsafeRawBufferPointer(start: bytes, count: size * count)
        return exchange.readHeader(line) ? size * count : 0
    }

    static let onBody: curl_write_callback = { bytes, size, count, context in
        guard let bytes, let context else { return 0 }
        let exchange = Unmanaged<Exchange>.fromOpaque(context).takeUnretainedValue()
        return exchange.receive(UnsafeRawBufferPointer(start: bytes, count: size * count)) ? size * count : 0
    }

    static let onConnect: curl_opensocket_callback = { context, _, address in
        guard let context, let address else { return CURL_SOCKET_BAD }
        let exchange = Unmanaged<Exchange>.fromOpaque(context).takeUnretainedValue()
        // Of an IPv6 address the memory behind the struct's end is part: only a pointer reaches it.
        let place = UnsafeRawPointer(address) + (MemoryLayout<curl_sockaddr>.offset(of: \.addr) ?? 0)
        return exchange.connect(address.pointee, place.assumingMemoryBound(to: sockaddr.self))
    }

    private func readHeader(_ line: UnsafeRawBufferPointer) -> Bool {
        attempt {
            guard head.append(line) else {
                throw TransferError(.tooLarge, "\(request.address.origin) sends headers without an end")
            }
        }
    }
}

extension TransferError {
    static func privateAddress(_ address: WebAddress, _ found: NetworkAddress?) -> TransferError {
        let place = found.map { $0.description == address.host ? "" : " is at \($0), which" } ?? ""
        return TransferError(
            .privateAddress,
            "\(address.host)\(place) is no public address: only public ones are read from, unless "
                + "\(PrivateHosts.variable) names the host"
        )
    }
}
