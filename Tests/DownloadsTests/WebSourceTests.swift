//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import FtopsTestSupport
import POSIX
import Resources
import Synchronization
import Testing
import Transfer

@testable import Downloads

@Suite("Sources on the web")
struct WebSourceTests {
    private static let certificate = Result { try TestCertificate() }
    private static let web = Result { try WebPeer(certificate: certificate.get().file) }

    private let scratch: ScratchFolder
    private let web: WebPeer
    private let environment: [String: String]

    init() throws {
        scratch = try ScratchFolder()
        web = try Self.web.get()
        environment = [
            "CURL_CA_BUNDLE": try Self.certificate.get().authority, "FTOPS_PRIVATE_HOSTS": "localhost:\(web.port)",
        ]
    }

    private func fetcher(_ extra: [String: String] = [:], attempts: Int = 3) -> SourceFetcher {
        SourceFetcher(
            cache: scratch.path,
            environment: environment.merging(extra) { $1 },
            pauses: Array(repeating: .zero, count: attempts - 1)
        )
    }

    private func source(_ path: String) throws -> RemoteSource {
        try RemoteSource(web.address(path, host: "localhost"))
    }

    private func text(_ content: CachedContent) throws -> String {
        try content.files.map { String(decoding: try FileContents.read($0.path), as: UTF8.self) }.joined()
    }

    private func digest(_ text: String) throws -> ContentDigest {
        try #require(ContentDigest(rawValue: try Python.sha256(text)))
    }

    @Test("are downloaded once, and kept by the digest of their bytes")
    func keeps() throws {
        try web.folder.write("{\"text\": \"a\"}\n", to: "keeps.jsonl")
        let source = try source("file/keeps.jsonl")
        let pin = try digest("{\"text\": \"a\"}\n")
        let content = try fetcher().pinned(source, pin)
        #expect(content.digest == pin && content.files.map(\.name) == ["keeps.jsonl"] && content.size == 14)
        #expect(try text(content) == "{\"text\": \"a\"}\n")
        #expect(try fetcher().pinned(source, pin) == content)
        #expect(web.requests("keeps.jsonl").count == 1)
        #expect(try Folder.names(in: scratch.path("sources")) == [pin.rawValue])
    }

    @Test("are asked for again only where they have changed")
    func asksAgain() throws {
        try web.folder.write("one\n", to: "again.jsonl")
        let source = try source("file/again.jsonl")
        let first = try fetcher().current(source)
        #expect(try fetcher().current(source) == first)
        #expect(web.requests("again.jsonl").last?.contains("if-none-match") == true)
        try web.folder.write("two\n", to: "again.jsonl")
        let second = try fetcher().current(source)
        #expect(try text(second) == "two\n")
        #expect(try fetcher().pinned(source, first.digest) == first)
    }

    @Test("are an error where they are not what is pinned")
    func noticesChange() throws {
        try web.folder.write("now\n", to: "changed.jsonl")
        let pin = try digest("then\n")
        let source = try source("file/changed.jsonl")
        let error = #expect(throws: DownloadError.self) { try fetcher().pinned(source, pin) }
        #expect(error?.code == .changed && error?.message.contains(pin.rawValue) == true)
        #expect(error?.message.contains(try digest("now\n").rawValue) == true)
    }

    @Test("go on where the connection broke", arguments: [1, 2])
    func resumes(cuts: Int) throws {
        let rows = (0..<5000).map { "{\"text\": \"row \($0) of \(cuts)\"}\n" }.joined()
        try web.folder.write(rows, to: "resumes-\(cuts).jsonl")
        let source = try source("cut/resumes-\(cuts).jsonl?id=resumes-\(cuts)&times=\(cuts)")
        #expect(try text(try fetcher().current(source)) == rows)
        let requests = web.requests("id=resumes-\(cuts)")
        #expect(requests.count == cuts + 1 && requests.dropFirst().allSatisfy { $0.contains("\"range\": \"bytes=") })
    }

    @Test("go on in the next process too")
    func resumesLater() throws {
        let rows = (0..<5000).map { "{\"text\": \"later \($0)\"}\n" }.joined()
        try web.folder.write(rows, to: "later.jsonl")
        let source = try source("cut/later.jsonl?id=later")
        let error = #expect(throws: DownloadError.self) { try fetcher(attempts: 1).current(source) }
        #expect(error?.code == .unreachable)
        #expect(try text(try fetcher(attempts: 1).current(source)) == rows)
        #expect(web.requests("id=later").last?.contains("\"if-range\": ") == true)
    }

    @Test(
        "begin anew where the file is another one by then, or has no name for its state",
        arguments: ["other", "none"]
    )
    func beginsAnew(etag: String) throws {
        let rows = (0..<5000).map { "{\"text\": \"anew \($0)\"}\n" }.joined()
        try web.folder.write(rows, to: "anew-\(etag).jsonl")
        let source = try source("cut/anew-\(etag).jsonl?id=anew-\(etag)&etag=\(etag)")
        #expect(try text(try fetcher().current(source)) == rows)
    }

    @Test(
        "begin anew where the answer is another range, or one of another state of the file",
        arguments: ["start", "tag"]
    )
    func refusesWrongRange(wrong: String) throws {
        try web.folder.write(String(repeating: "row\n", count: 1000), to: "wrong.jsonl")
        let source = try source("wrong-range/wrong.jsonl?id=wrong-\(wrong)&times=1&wrong=\(wrong)")
        let fetcher = fetcher(attempts: 4)
        #expect(try text(try fetcher.current(source)) == String(repeating: "row\n", count: 1000))
    }

    @Test("are tried again where the server is busy, and not where it is sure", arguments: [(503, 3), (404, 1)])
    func triesAgain(status: Int, requests: Int) throws {
        let source = try source("status/\(status)?id=busy-\(status)&times=2")
        let told = Mutex<[String]>([])
        var fetcher = fetcher()
        fetcher.onProgress = { progress in
            if let obstacle = progress.obstacle { told.withLock { $0.append(obstacle) } }
        }
        #expect((try? fetcher.current(source)) == nil ? status == 404 : status == 503)
        let obstacles = told.withLock { $0 }
        #expect(obstacles.count == requests - 1 && obstacles.allSatisfy { $0.hasSuffix(" answers \(status)") })
        #expect(web.requests("id=busy-\(status)").count == requests)
    }

    @Test(
        "say what is in the way",
        arguments: [
            ("status/404", DownloadError.Code.missing, "there is nothing at"),
            ("status/403", .refused, "is not for everybody: the server answers 403"),
            ("status/500", .unreachable, "the server answers 500"),
            ("loop", .unreachable, "more than 10 redirects"),
            ("redirect?to=https://127.0.0.1:1/", .unreachable, "127.0.0.1 is no public address"),
            ("redirect?to=https://169.254.169.254/", .unreachable, "169.254.169.254 is no public address"),
            ("redirect?to=http://localhost/", .unreachable, "which is not encrypted"),
            ("html", .page, "is an HTML page and not a file of rows"),
        ]
    )
    func refuses(path: String, code: DownloadError.Code, message: String) throws {
        let error = #expect(throws: DownloadError.self) { try fetcher(attempts: 1).current(try source(path)) }
        #expect(error?.code == code && error?.message.contains(message) == true, "\(error as Any)")
        let sources = try Folder.names(in: scratch.path("sources"))
        #expect(sources.isEmpty)
    }

    @Test("are read from no private host unless the machine's environment names it")
    func refusesPrivate() throws {
        let source = try source("file/private.jsonl")
        let error = #expect(throws: DownloadError.self) {
            try fetcher(["FTOPS_PRIVATE_HOSTS": "other.example"], attempts: 1).current(source)
        }
        #expect(error?.message.contains("which is no public address") == true, "\(error as Any)")
    }

    @Test("need a certificate that is trusted")
    func checksCertificate() throws {
        let source = try source("file/certificate.jsonl")
        let error = #expect(throws: DownloadError.self) {
            try fetcher(["CURL_CA_BUNDLE": "/etc/ssl/certs/ca-certificates.crt"], attempts: 1).current(source)
        }
        #expect(error?.message.contains("is not trusted") == true, "\(error as Any)")
    }

    @Test("have at most as many bytes as are allowed", arguments: ["endless", "bomb"])
    func boundsSize(path: String) throws {
        let error = #expect(throws: DownloadError.self) {
            try fetcher(["FTOPS_DOWNLOAD_LIMIT": "10000"], attempts: 1).current(try source(path))
        }
        #expect(error?.message.contains("has more than the 10000 bytes allowed") == true, "\(error as Any)")
    }

    @Test("stay compressed where a server says that it compressed them")
    func staysCompressed() throws {
        let content = try fetcher().current(try source("bomb"))
        #expect(content.size < 1 << 20)
        #expect(try FileContents.read(content.files[0].path).starts(with: [0x1F, 0x8B]))
    }

    @Test("that are damaged in the cache are found out")
    func findsDamage() throws {
        try web.folder.write("whole\n", to: "damage.jsonl")
        let source = try source("file/damage.jsonl")
        let content = try fetcher().current(source)
        #expect(try !fetcher().forgetIfDamaged(content.digest))
        try DurableFile.write("brokn\n", to: content.files[0].path)
        #expect(try fetcher().forgetIfDamaged(content.digest))
        #expect(try text(try fetcher().pinned(source, content.digest)) == "whole\n")
    }

    @Test("tell how far they have come")
    func tells() throws {
        let seen = Mutex<[(Int, Int?, Bool)]>([])
        try web.folder.write(String(repeating: "x\n", count: 5000), to: "tells.jsonl")
        var fetcher = fetcher()
        fetcher.onProgress = { progress in
            seen.withLock { $0.append((progress.received, progress.expected, progress.isOver)) }
        }
        _ = try fetcher.current(try source("file/tells.jsonl"))
        let told = seen.withLock { $0 }
        #expect(told.first?.0 == 0 && told.first?.1 == 10000 && told.last?.2 == true)
        #expect(told.dropLast().last?.0 == 10000)
    }

    @Test(
        "that are pages name the address of the file itself",
        arguments: [
            (
                "https://github.com/acme/rows/blob/main/data/a.jsonl",
                "https://raw.githubusercontent.com/acme/rows/main/data/a.jsonl"
            ),
            ("https://gist.github.com/ada/0123abcd", "https://gist.githubusercontent.com/ada/0123abcd/raw"),
            (
                "https://huggingface.co/datasets/a/b/blob/main/c.csv",
                "https://huggingface.co/datasets/a/b/resolve/main/c.csv"
            ),
            ("https://gitlab.example/a/b/-/blob/main/c.csv", "https://gitlab.example/a/b/-/raw/main/c.csv"),
            ("https://example.org/data", nil), ("https://github.com/acme", nil), ("https://gist.github.com/", nil),
        ] as [(String, String?)]
    )
    func namesRaw(page: String, raw: String?) throws {
        #expect(WebPage.raw(try WebAddress(page)) == raw)
    }
}
