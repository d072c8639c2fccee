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

@Suite("Signatures of S3", .enabled(if: Python.isPresent, "needs python3"))
struct S3SigningTests {
    /// Signs by the rules that AWS has published, and proves itself on the example that comes with them.
    private static let reference = #"""
        import hashlib, hmac, json, sys
        def sign(path, headers, secret, region):
            names = sorted(headers)
            canonical = "\n".join(["GET", path, ""] + [f"{name}:{headers[name].strip()}" for name in names]
                                  + ["", ";".join(names), headers["x-amz-content-sha256"]])
            time = headers["x-amz-date"]
            scope = f"{time[:8]}/{region}/s3/aws4_request"
            digest = hashlib.sha256(canonical.encode()).hexdigest()
            key = ("AWS4" + secret).encode()
            for part in [time[:8], region, "s3", "aws4_request"]:
                key = hmac.new(key, part.encode(), hashlib.sha256).digest()
            text = "\n".join(["AWS4-HMAC-SHA256", time, scope, digest])
            return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
        secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
        example = {"host": "examplebucket.s3.amazonaws.com", "range": "bytes=0-9",
                   "x-amz-content-sha256": hashlib.sha256(b"").hexdigest(), "x-amz-date": "20130524T000000Z"}
        print(sign("/test.txt", example, secret, "us-east-1"))
        headers = json.loads(sys.stdin.read())
        given = dict(part.split("=", 1) for part in headers["authorization"].split(" ", 1)[1].split(", "))
        signed = {name: headers[name] for name in given["SignedHeaders"].split(";")}
        print(given["Credential"].split("/", 1)[1] == headers["x-amz-date"][:8] + "/eu-west-3/s3/aws4_request")
        print(given["Signature"] == sign("/echo/a%20b%2B%C3%BC", signed, secret, "eu-west-3"))
        print(given["SignedHeaders"])
        """#

    @Test("are those of the published example, and of a request with a session, a range and an escaped key")
    func signs() throws {
        let peer = try WebPeer()
        let settings = try S3Settings(environment: [
            "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_REGION": "eu-west-3", "AWS_SESSION_TOKEN": "t0ken",
            "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "AWS_ENDPOINT_URL": peer.address(""),
        ]) { _ in nil }
        var request = TransferRequest(try settings.address(bucket: "echo", key: "a b+ü"))
        request.headers = [TransferHeader("Range", "bytes=7-"), TransferHeader("If-Range", "\"etag\"")]
        request.authorization = try .signature(#require(settings.signature))
        request.privateHosts = PrivateHosts("127.0.0.1")
        let body = Mutex<[UInt8]>([])
        try TransferClient(agent: "ftops/test", environment: [:]).send(request) { part in body.withLock { $0 += part } }
        let lines = try Python.run(Self.reference, on: body.withLock { $0 })
        try #require(lines.count == 4, "\(lines)")
        #expect(lines[0] == "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41")
        #expect(lines[1] == "True" && lines[2] == "True")
        #expect(lines[3].contains("host") && lines[3].contains("x-amz-security-token"), "\(lines[3])")
    }
}
