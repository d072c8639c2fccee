//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import FtopsTestSupport
import Synchronization
import Testing

@testable import Transfer

@Suite("Transfers")
struct TransferClientTests {
    private static let web = Result { try WebPeer() }

    private let web = try? Self.web.get()
    private let client = TransferClient(agent: "ftops/test", environment: [:])

    private func request(_ path: String, allowed: Bool = true) throws -> TransferRequest {
        let peer = try #require(web)
        let address = try WebAddress(peer.address(path))
        var request = TransferRequest(address)
        if allowed { request.privateHosts = PrivateHosts("127.0.0.1:\(peer.port)") }
        return request
    }

    private func read(_ request: TransferRequest) throws -> (status: Int, body: String) {
        let body = Mutex<[UInt8]>([])
        let response = try client.send(request) { part in body.withLock { $0 += part } }
        return (response.status, body.withLock { String(decoding: $0, as: UTF8.self) })
    }

    private func failure(_ request: TransferRequest) -> TransferError? {
        #expect(throws: TransferError.self) { try client.send(request) { _ in } }
    }

    @Test("reads an answer, whatever its status")
    func reads() throws {
        let text = String(repeating: "0123456789\n", count: 100_000)
        try #require(web).folder.write(text, to: "numbers.txt")
        let (status, body) = try read(try request("file/numbers.txt"))
        #expect(status == 200 && body == text)
        let missing = try read(try request("file/nothing"))
        #expect(missing.status == 404 && missing.body == "there is no such thing\n")
    }

    @Test("asks by its name, with the headers that it is given")
    func sendsHeaders() throws {
        var request = try request("echo")
        request.headers = [TransferHeader("Range", "bytes=5-")]
        request.authorization = .bearer(Secret("t0ken"))
        let body = try read(request).body
        #expect(body.contains("\"user-agent\": \"ftops/test\"") && body.contains("\"range\": \"bytes=5-\""))
        #expect(body.contains("\"authorization\": \"Bearer t0ken\""))
        request.headers = [TransferHeader("X-Name", "a\r\nX-Other: b")]
        #expect(failure(request)?.message == "the header X-Name has characters that a header cannot have")
    }

    @Test("connects to no address that is not public, unless it is allowed")
    func refusesPrivate() throws {
        let error = failure(try request("echo", allowed: false))
        #expect(error?.code == .privateAddress)
        #expect(error?.message.hasPrefix("127.0.0.1 is no public address: only public ones are read from") == true)
        let named = failure(TransferRequest(try WebAddress("http://localhost:\(try #require(web).port)/echo")))
        #expect(
            named?.code == .privateAddress && named?.message.contains("localhost is at ") == true,
            "\(named as Any)"
        )
    }

    @Test("follows redirects, and hands on only the answer behind them")
    func follows() throws {
        #expect(try read(try request("hops/10")).body == "arrived\n")
        #expect(try read(try request("endless-redirect")).body == "arrived\n")
        let response = try client.send(try request("hops/1")) { _ in }
        #expect(response.address.path == "/hops/0")
    }

    @Test(
        "looks at the address behind each redirect",
        arguments: [
            ("http://169.254.169.254/latest/meta-data", TransferError.Code.privateAddress),
            ("http://127.0.0.1:1/", .privateAddress),
            ("http://localhost:{port}/echo", .privateAddress),
            ("http://[::ffff:127.0.0.1]:{port}/echo", .privateAddress),
            ("http://2130706433:1/", .privateAddress),
            ("http://0x7f.1:1/", .privateAddress),
            ("file:///etc/passwd", .redirect),
            ("http://user:secret@example.org/", .redirect),
            ("/loop", .redirect),
        ]
    )
    func refusesRedirect(target: String, code: TransferError.Code) throws {
        let error = failure(try request("redirect?to=\(target)"))
        #expect(error?.code == code, "\(error as Any)")
        #expect(error?.message.contains("secret") == false)
    }

    @Test("gives a token to the server that it is for, and to no other")
    func keepsTokens() throws {
        let other = try WebPeer()
        var request = try request("redirect?to=/echo")
        request.authorization = .bearer(Secret("t0ken"))
        #expect(try read(request).body.contains("t0ken"))
        request.address = try WebAddress(try #require(web).address("redirect?to=\(other.address("echo"))"))
        request.privateHosts = request.privateHosts.adding(try WebAddress(other.address("")))
        let body = try read(request).body
        #expect(body.contains("user-agent") && !body.contains("t0ken"))
        request.authorization = .signature(
            S3Signature(key: "k", secret: Secret("s"), session: nil, region: "us-east-1")
        )
        #expect(failure(request)?.code == .redirect)
    }

    @Test("is bounded in size, also where the server says nothing of it", arguments: ["endless", "file/large"])
    func boundsSize(path: String) throws {
        try #require(web).folder.write(String(repeating: "x", count: 2000), to: "large")
        var request = try request(path)
        request.limits.size = 1000
        #expect(failure(request)?.code == .tooLarge)
    }

    @Test("is bounded in time, however many bytes trickle in", arguments: ["trickle", "silence"])
    func boundsTime(path: String) throws {
        var request = try request(path)
        request.limits.stalling = 1
        #expect(failure(request)?.code == .timedOut)
    }

    @Test("is bounded in headers")
    func boundsHeaders() throws {
        let code = failure(try request("endless-headers"))?.code
        #expect(code == .tooLarge || code == .failed)
    }

    @Test("notices an answer that breaks off")
    func noticesCuts() throws {
        try #require(web).folder.write(String(repeating: "x", count: 2000), to: "cut")
        let error = failure(try request("cut/cut?id=notices"))
        #expect(error?.code == .interrupted && error?.isPassing == true)
    }

    @Test("takes no more than an answer said that it has")
    func noticesLies() throws {
        #expect(try read(try request("short")).body == "0123456789")
    }

    @Test("leaves a body compressed as it came, so that a small one stays small")
    func leavesCompressed() throws {
        let counted = Mutex(0)
        let response = try client.send(try request("bomb")) { part in counted.withLock { $0 += part.count } }
        let size = counted.withLock { $0 }
        #expect(response["content-encoding"] == "gzip" && size == response.size && size < 1 << 20)
    }

    @Test("says who is not there")
    func unreachable() throws {
        var request = try request("")
        request.address = try WebAddress("http://127.0.0.1:1/")
        request.privateHosts = PrivateHosts("127.0.0.1")
        #expect(failure(request)?.code == .unreachable)
        request.address = try WebAddress("http://nowhere.invalid/")
        #expect(failure(request)?.code == .unreachable)
    }

    @Test("goes by the proxy that the environment names, but not to an address that is plainly private")
    func proxies() throws {
        let peer = try #require(web)
        let client = TransferClient(agent: "ftops/test", environment: ["http_proxy": peer.address("")])
        let name = "http://proxied.invalid/echo"
        let found = try client.send(TransferRequest(try WebAddress(name))) { _ in }
        #expect(found.status == 200 && peer.requests(name).count == 1)
        let request = TransferRequest(try WebAddress("http://169.254.169.254/echo"))
        let error = #expect(throws: TransferError.self) { try client.send(request) { _ in } }
        #expect(error?.code == .privateAddress)
    }
}
