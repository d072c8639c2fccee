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

    /// A repository whose weights go into a bucket, and its origin.
    init() throws {
        scenario = try Scenario.gated(from: 3)
        try scenario.writeManifests()
        try scenario.write(Self.project, at: "manifests/project.yaml")
        try scenario.commit("Keep weights in a bucket")
        try scenario.addOrigin()
        let served = scenario.folder.appending(path: "served")
        try FileManager.default.createDirectory(at: served, withIntermediateDirectories: true)
        try Data("row".utf8).write(to: served.appending(path: "row"))
        scenario.environment["AWS_CONFIG_FILE"] = scenario.folder.appending(path: "aws").path
        scenario.environment["AWS_ACCESS_KEY_ID"] = "key"
        scenario.environment["AWS_SECRET_ACCESS_KEY"] = "secret"
    }

    /// A store that has nothing yet, which ftops finds from now on.
    private func serve() throws -> Peer {
        let served = scenario.folder.appending(path: "served").path
        let server = try Peer(script: "store.py", ["rclone", Peer.programs, served])
        try scenario.write("[default]\nendpoint_url = http://127.0.0.1:\(server.port)\n", at: "../aws")
        return server
    }

    /// A version whose weights are in the bucket.
    private func trained(_ environment: [String: String] = [:]) throws -> Peer {
        let server = try serve()
        try scenario.openGate()
        let apply = try apply(environment)
        try #require(apply.status == 0, "\(apply.transcript)")
        return server
    }

    private func apply(_ environment: [String: String] = [:]) throws -> Finished {
        try scenario.ftops("apply", "--auto-approve", environment: environment)
    }

    /// Removes all objects from the bucket, by another client than ours.
    private func empty(_ server: Peer) throws {
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
        let server = try trained(["CI": "true"])
        defer { withExtendedLifetime(server) {} }
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

    @Test("plan --refresh sees what the bucket has lost, and apply puts it back", arguments: [true, false])
    func recovers(fromCache: Bool) throws {
        let server = try trained()
        try empty(server)
        let kept = fromCache ? "state/runs" : "cache/ftops/stores"
        try FileManager.default.removeItem(at: scenario.folder.appending(path: kept))
        let plan = try scenario.ftops("plan", "--refresh")
        #expect(plan.output.contains("< drifted"), "\(plan.transcript)")
        #expect(plan.output.contains("s3://rows/ftops lacks"), "\(plan.transcript)")
        let refreshed = try scenario.ftops("apply", "--refresh", "--auto-approve")
        #expect(refreshed.status == 0 && refreshed.errors.contains("put back"), "\(refreshed.transcript)")
        #expect(try !scenario.ftops("plan", "--refresh").output.contains("drifted"))
        #expect(try scenario.completedTrainings() == 1)
    }

    @Test("a bucket that does not answer, or is not there, has lost nothing")
    func isAway() throws {
        let server = try trained()
        let away = try scenario.ftops("plan", "--refresh", environment: ["AWS_ENDPOINT_URL": "http://127.0.0.1:9"])
        #expect(away.status == 0 && !away.output.contains("drifted"), "\(away.transcript)")
        #expect(away.transcript.contains("store-unreachable"), "\(away.transcript)")
        try scenario.write(
            Self.project.replacing("s3://rows", with: "s3://misspelt"),
            at: "manifests/project.yaml"
        )
        try scenario.commit("Name another bucket")
        let misspelt = try scenario.ftops("plan", "--refresh")
        #expect(!misspelt.output.contains("drifted"), "\(misspelt.transcript)")
        #expect(misspelt.transcript.contains("make the bucket misspelt"), "\(misspelt.transcript)")
        withExtendedLifetime(server) {}
    }

    @Test("keys that are refused cost no training, and are shown nowhere")
    func isRefused() throws {
        let server = try serve()
        let refused = try apply(["AWS_SECRET_ACCESS_KEY": "anothersecret"])
        #expect(refused.status == 1, "\(refused.transcript)")
        #expect(refused.transcript.contains("SignatureDoesNotMatch"), "\(refused.transcript)")
        #expect(!refused.transcript.contains("anothersecret"))
        #expect(try scenario.quickLog().isEmpty)
        withExtendedLifetime(server) {}
    }

    @Test("a result waits for a store that went away while it was trained, and is trained once")
    func waitsForStore() throws {
        let server = try serve()
        let apply = try scenario.startFtops("apply", "--auto-approve")
        #expect(try scenario.waits { try scenario.ftops("status").output.contains("step 2/6") })
        try server.end()
        try scenario.openGate()
        #expect(scenario.waits { apply.errors.contains("asking again until it answers") }, "\(apply.errors)")
        #expect(try scenario.completedTrainings() == 1)
        let again = try serve()
        let finished = apply.wait()
        #expect(finished.status == 0, "\(finished.transcript)")
        #expect(try scenario.completedTrainings() == 1)
        #expect(try scenario.versions().count == 1)
        withExtendedLifetime(again) {}
    }
}
