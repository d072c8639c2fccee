//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Testing

@testable import Transfer

@Suite("Settings of S3")
struct S3SettingsTests {
    private static let config = """
        # a comment
        [default]
        region = eu-west-1

        [profile minio]
        region=us-east-2
        endpoint_url = http://store.corp:9000
        s3 =
            addressing_style = virtual
            max_concurrent_requests = 20
        output = json
        [profile split]
        services = corp
        [services corp]
        s3 =
          endpoint_url = https://s3.corp.example/base/
        [profile people]
        sso_session = corp
        """
    private static let credentials = """
        [default]
        aws_access_key_id = AKDEFAULT
        aws_secret_access_key = default/secret
        [minio]
        aws_access_key_id=AKMINIO
        aws_secret_access_key=minio=secret
        aws_session_token = session
        [half]
        aws_access_key_id = AKHALF
        """

    private func settings(_ environment: [String: String]) throws -> S3Settings {
        try S3Settings(environment: environment.merging(["HOME": "/home/ada"]) { $1 }) { path in
            ["/home/ada/.aws/config": Self.config, "/home/ada/.aws/credentials": Self.credentials][path]
        }
    }

    @Test("takes the default profile where the environment says nothing")
    func defaults() throws {
        let settings = try settings([:])
        #expect(settings.region == "eu-west-1" && settings.signature?.key == "AKDEFAULT")
        #expect(settings.signature?.secret.value == "default/secret" && settings.signature?.session == nil)
        let address = try settings.address(bucket: "rows", key: "a b/ü+1.jsonl")
        #expect(address.text == "https://rows.s3.eu-west-1.amazonaws.com/a%20b/%C3%BC%2B1.jsonl")
        let dotted = try settings.address(bucket: "rows.acme", key: "x")
        #expect(dotted.text == "https://s3.eu-west-1.amazonaws.com/rows.acme/x")
    }

    @Test("takes the profile that the environment names, with its endpoint and addressing")
    func profiles() throws {
        let minio = try settings(["AWS_PROFILE": "minio"])
        #expect(minio.region == "us-east-2" && minio.signature?.key == "AKMINIO")
        #expect(minio.signature?.secret.value == "minio=secret" && minio.signature?.session?.value == "session")
        #expect(try minio.address(bucket: "rows", key: "x").text == "http://rows.store.corp:9000/x")
        let split = try settings(["AWS_PROFILE": "split"])
        #expect(try split.address(bucket: "rows", key: "x").text == "https://s3.corp.example/base/rows/x")
        #expect(split.signature == nil)
    }

    @Test("the environment goes before the files")
    func environment() throws {
        let settings = try settings([
            "AWS_ACCESS_KEY_ID": "AKENV", "AWS_SECRET_ACCESS_KEY": "env", "AWS_REGION": "cn-north-1",
            "AWS_PROFILE": "minio", "AWS_ENDPOINT_URL": "http://one:1", "AWS_ENDPOINT_URL_S3": "http://two:2",
        ])
        #expect(settings.signature?.key == "AKENV" && settings.signature?.session == nil)
        #expect(settings.region == "cn-north-1" && settings.endpoint?.text == "http://two:2/")
    }

    @Test(
        "says what is missing",
        arguments: [
            (["AWS_PROFILE": "nobody"], "AWS_PROFILE names nobody"),
            (["AWS_PROFILE": "half"], "there is an access key for S3 in profile half, and no secret one"),
            (["AWS_ACCESS_KEY_ID": "AKENV"], "there is an access key for S3 in the environment, and no secret"),
            (["AWS_PROFILE": "people"], "profile people gets its keys by sso_session"),
            (["AWS_ENDPOINT_URL": "store:9000"], "`store:9000` is no address that can be read from"),
        ]
    )
    func refuses(environment: [String: String], message: String) {
        let error = #expect(throws: TransferError.self) { try settings(environment) }
        #expect(error?.message.hasPrefix(message) == true, "\(error as Any)")
    }

    @Test("asks as nobody where there are no credentials")
    func anonymous() throws {
        let settings = try S3Settings(environment: [:]) { _ in nil }
        #expect(settings.signature == nil && settings.region == "us-east-1")
    }
}
