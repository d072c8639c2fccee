//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import CCurl

/// One of libcurl's easy handles, which keeps its connections for the next request.
struct EasyHandle: ~Copyable {
    private let handle: UnsafeMutableRawPointer
    private let message: UnsafeMutableBufferPointer<CChar>
    private var lists: [UnsafeMutablePointer<curl_slist>] = []

    private static let isStarted = ccurl_global_init(3) == CURLE_OK

    init() throws(TransferError) {
        try LibCurl.load()
        guard Self.isStarted, let handle = ccurl_easy_init() else {
            throw TransferError(.failed, "cannot start libcurl")
        }
        self.handle = handle
        message = .allocate(capacity: Int(CURL_ERROR_SIZE))
        message.initialize(repeating: 0)
    }

    deinit {
        ccurl_easy_cleanup(handle)
        message.deallocate()
        for list in lists { ccurl_slist_free_all(list) }
    }

    /// Forgets all settings but keeps connections.
    mutating func reset() throws(TransferError) {
        ccurl_easy_reset(handle)
        for list in lists { ccurl_slist_free_all(list) }
        lists = []
        message.update(repeating: 0)
        try check(ccurl_set_pointer(handle, CURLOPT_ERRORBUFFER, message.baseAddress))
    }

    func set(_ option: CURLoption, _ value: Int) throws(TransferError) {
        try check(ccurl_set_number(handle, option, value))
    }

    func set(_ option: CURLoption, _ value: String) throws(TransferError) {
        try check(ccurl_set_text(handle, option, value))
    }

    /// A value with a line's end in it would be a header of its own.
    mutating func set(headers: [TransferHeader]) throws(TransferError) {
        var list: UnsafeMutablePointer<curl_slist>?
        for header in headers {
            guard (header.name + header.value).utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) else {
                throw TransferError(.failed, "the header \(header.name) has characters that a header cannot have")
            }
            guard let longer = ccurl_slist_append(list, "\(header.name): \(header.value)") else {
                ccurl_slist_free_all(list)
                throw TransferError(.failed, "out of memory")
            }
            list = longer
        }
        guard let list else { return }
        lists.append(list)
        try check(ccurl_set_list(handle, CURLOPT_HTTPHEADER, list))
    }

    /// Has an exchange called as the answer comes; it must outlive `perform`.
    func set(_ exchange: Exchange) throws(TransferError) {
        let context = Unmanaged.passUnretained(exchange).toOpaque()
        try check(ccurl_set_receiver(handle, CURLOPT_HEADERFUNCTION, Exchange.onHeader))
        try check(ccurl_set_pointer(handle, CURLOPT_HEADERDATA, context))
        try check(ccurl_set_receiver(handle, CURLOPT_WRITEFUNCTION, Exchange.onBody))
        try check(ccurl_set_pointer(handle, CURLOPT_WRITEDATA, context))
        try check(ccurl_set_opener(handle, Exchange.onConnect))
        try check(ccurl_set_pointer(handle, CURLOPT_OPENSOCKETDATA, context))
    }

    func perform(_ method: TransferRequest.Method) throws(TransferError) -> CURLcode {
        switch method {
        case .get: break
        case .head: try set(CURLOPT_NOBODY, 1)
        case .put, .post, .delete: try set(CURLOPT_CUSTOMREQUEST, method.name)
        }
        guard let body = method.body?.bytes else { return PipeSignal.held { ccurl_easy_perform(handle) } }
        // To take the header `Expect` away would make the signature wrong, and few servers answer it.
        try set(CURLOPT_EXPECT_100_TIMEOUT_MS, 1)
        try set(CURLOPT_POSTFIELDSIZE_LARGE, body.count)
        // Without an address libcurl would read the body from standard input.
        return try (body.isEmpty ? [0] : body).withUnsafeBufferPointer { bytes throws(TransferError) in
            let place = UnsafeMutableRawPointer(mutating: bytes.baseAddress)
            try check(ccurl_set_pointer(handle, CURLOPT_POSTFIELDS, place))
            return PipeSignal.held { ccurl_easy_perform(handle) }
        }
    }

    /// What libcurl says of its last failure.
    func reason(_ code: CURLcode) -> String {
        let detail = message.baseAddress.map { String(cString: $0) } ?? ""
        let text = detail.isEmpty ? String(cString: ccurl_easy_strerror(code)) : detail
        return text.prefix(1).lowercased() + text.dropFirst()
    }

    private func check(_ code: CURLcode) throws(TransferError) {
        guard code != CURLE_OK else { return }
        throw TransferError(.failed, "libcurl refuses a setting: \(String(cString: ccurl_easy_strerror(code)))")
    }
}
