//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Foundation
import FtopsTestSupport
import Testing

@Suite("A store in a bucket", .enabled(if: Peer.arePresent, "make test sets the servers up"))
struct BucketStoreTests {
    private static let project = """
        apiVersion: ftops/v1
        kind: Project
        metadata: {name: acme}
        spec: {artifacts: {store: s3://rows/ftops}}

        """

    private let scenario: Scenario
    private let server: Peer

    /// A repository whose weights go into a bucket, and its origin.
    init() throws {
        scenario = try Scenario()
        try scenario.writeManifests()
        try scenario.write(Self.project, at: "manifests/project.yaml")
        try scenario.commit("Keep weights in a bucket")
        try scenario.addOrigin()
        let served = scenario.folder.appending(path: "served")
        try FileManager.default.createDirectory(at: served, withIntermediateDirectories: true)
        try Data("row".utf8).write(to: served.appending(path: "row"))
        server = try Peer(script: "store.py", ["rclone", Peer.programs, served.path])
        scenario.environment["AWS_ENDPOINT_URL"] = "http://127.0.0.1:\(server.port)"
        scenario.environment["AWS_ACCESS_KEY_ID"] = "key"
        scenario.environment["AWS_SECRET_ACCESS_KEY"] = "secret"
    }

    private func apply(_ environment: [String: String] = [:]) throws -> Finished {
        try scenario.ftops("apply", "--auto-approve", environment: environment)
    }

    /// Removes all objects from the bucket, by another client than ours.
    private func empty() throws {
        var settings = ["TYPE": "s3", "PROVIDER": "Other", "ACCESS_KEY_ID": "key", "SECRET_ACCESS_KEY": "secret"]
        settings["ENDPOINT"] = "http://127.0.0.1:\(server.port)"
        settings["FORCE_PATH_STYLE"] = "true"
        let variables = Dictionary(uniqueKeysWithValues: settings.map { ("RCLONE_CONFIG_STORE_\($0)", $1) })
        let arguments = ["--config", scenario.folder.appending(path: "none").path, "delete", "store:rows/ftops"]
        let deleted = try scenario.start(Peer.programs + "/rclone", arguments, environment: variables).wait()
        try #require(deleted.status == 0, "\(deleted.transcript)")
    }

    @Test("another machine pulls what one has trained, and a runner of CI may train into it")
    func pulls() throws {
        let trained = try apply(["CI": "true"])
        try #require(trained.status == 0, "\(trained.transcript)")
        let clone = scenario.folder.appending(path: "other")
        try scenario.git("clone", "--quiet", scenario.origin.path, clone.path)
        let other = [
            "FTOPS_STATE": scenario.folder.appending(path: "other-state").path,
            "XDG_CACHE_HOME": scenario.folder.appending(path: "other-cache").path,
        ]
        let pull = try scenario.start(
            Scenario.executable.path,
            ["pull", "acme/greeter", "model"],
            in: clone,
            environment: other
        ).wait()
        try #require(pull.status == 0, "\(pull.transcript)")
        let versions = try scenario.versions()
        #expect(versions.count == 1)
        let files = try FileManager.default.contentsOfDirectory(atPath: clone.appending(path: "model").path)
        #expect(files.contains { $0.hasSuffix(".safetensors") }, "\(files)")
    }

    @Test("plan --refresh sees what the bucket has lost, and apply puts it back")
    func recovers() throws {
        try #require(try apply().status == 0)
        try empty()
        let plan = try scenario.ftops("plan", "--refresh")
        #expect(plan.output.contains("< drifted"), "\(plan.transcript)")
        #expect(plan.output.contains("s3://rows/ftops lacks"), "\(plan.transcript)")
        let refreshed = try scenario.ftops("apply", "--refresh", "--auto-approve")
        #expect(refreshed.status == 0 && refreshed.errors.contains("put back"), "\(refreshed.transcript)")
        #expect(try !scenario.ftops("plan", "--refresh").output.contains("drifted"))
        #expect(try scenario.completedTrainings() == 1)
    }

    @Test("a bucket that does not answer has lost nothing")
    func isAway() throws {
        try #require(try apply().status == 0)
        let plan = try scenario.ftops("plan", "--refresh", environment: ["AWS_ENDPOINT_URL": "http://127.0.0.1:9"])
        #expect(plan.status == 0 && !plan.output.contains("drifted"), "\(plan.transcript)")
        #expect(plan.transcript.contains("store-unreachable"), "\(plan.transcript)")
    }

    @Test("what cannot be put there is trained once, and put there when it can be")
    func goesOn() throws {
        let secret = "anothersecret"
        let refused = try apply(["AWS_SECRET_ACCESS_KEY": secret])
        #expect(refused.status == 1, "\(refused.transcript)")
        #expect(refused.transcript.contains("SignatureDoesNotMatch"), "\(refused.transcript)")
        #expect(!refused.transcript.contains(secret))
        let done = try apply()
        #expect(done.status == 0, "\(done.transcript)")
        #expect(try scenario.completedTrainings() == 1)
        #expect(try scenario.versions().count == 1)
    }
}
