//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Foundation
import FtopsTestSupport
import Testing

@Suite("The same rows", .enabled(if: Scenario.hasRealTrainer && Peer.arePresent, "make test sets the servers up"))
struct OneFingerprintTests {
    private static let files = [
        "rows.jsonl", "rows.json", "rows.csv", "rows.tsv", "rows.parquet", "rows.jsonl.gz", "rows.jsonl.zst",
        "rows.json.gz", "rows.csv.zst",
    ]

    private let scenario: Scenario
    private let data: URL
    private let web: WebPeer

    /// A thousand rows of texts in all formats, in a work tree, behind HTTPS and on a hub.
    init() throws {
        scenario = try Scenario()
        let certificate = try TestCertificate()
        web = try WebPeer(certificate: certificate.file)
        try scenario.write((1...1000).map(Self.row).joined(), at: "datasets/rows.jsonl")
        data = scenario.repository.appending(path: "datasets")
        let python = try scenario.useRealTrainer()
        let made = try scenario.start(python, ["-B", Self.script("formats.py"), data.path]).wait()
        try #require(made.status == 0, "\(made.transcript)")
        try scenario.commit("Keep the rows")
        for folder in ["", "hub/acme/rows/main"] { try copy(Self.files, to: folder) }
        try web.folder.write("Rows\n", to: "hub/acme/converted/main/README.md")
        try copy(["rows.parquet"], to: "hub/acme/converted/refs+convert+parquet/default/train")
        try copy(["rows.json"], to: "hub/acme/lines/main/train")
        let authority = scenario.folder.appending(path: "authority.pem")
        try FileManager.default.copyItem(atPath: certificate.authority, toPath: authority.path)
        scenario.environment["CURL_CA_BUNDLE"] = authority.path
        scenario.environment["FTOPS_PRIVATE_HOSTS"] = "localhost:\(web.port)"
        scenario.environment["HF_ENDPOINT"] = web.address("", host: "localhost")
        scenario.environment["AWS_ACCESS_KEY_ID"] = "key"
        scenario.environment["AWS_SECRET_ACCESS_KEY"] = "secret"
    }

    private static func script(_ name: String) -> String { Scenario.package.path + "/Tests/peers/" + name }

    /// Texts with all that the formats have their own ways to write.
    private static func row(_ number: Int) -> String {
        let name = "Guest \\\"\(number)\\\", \(number.isMultiple(of: 3) ? "the\\nthird" : "é😀")"
        return
            "{\"name\": \"\(name)\", \"greeting\": \"Welcome;\\t\(number)\\\\ \(number % 7 == 0 ? "" : "'again'")\"}\n"
    }

    private func copy(_ names: [String], to folder: String) throws {
        let target = URL(fileURLWithPath: web.folder.path).appending(path: folder)
        try FileManager.default.createDirectory(at: target, withIntermediateDirectories: true)
        for name in names {
            try FileManager.default.copyItem(at: data.appending(path: name), to: target.appending(path: name))
        }
    }

    /// Plans a fine-tune for each source, pinned by `data update` where it lies elsewhere, and returns the fingerprints
    /// by source.
    private func fingerprints(
        _ sources: [(source: String, file: String)],
        pinned: Bool
    ) throws -> [String: String] {
        var manifest = Scenario.manifest().components(separatedBy: "---\n").filter { !$0.contains("kind: FineTune") }
            .filter { !$0.contains("kind: Dataset") }.joined(separator: "---\n")
        var pins: [String] = []
        for (index, entry) in sources.enumerated() {
            let digest = try Python.sha256(of: Array(Data(contentsOf: data.appending(path: entry.file))))
            pins.append(digest)
            let pin = pinned ? "\n  sha256: \(digest)" : ""
            manifest += """
                ---
                apiVersion: ftops/v1
                kind: Dataset
                metadata: {name: d\(index)}
                spec:
                  source: \(entry.source)\(pin)
                  shuffle: {seed: 1}
                  validation: {rows: 50}
                ---
                apiVersion: ftops/v1
                kind: FineTune
                metadata: {name: f\(index)}
                spec: {base: quick, dataset: d\(index), template: greet, destination: acme/f\(index)}

                """
        }
        try scenario.write(manifest, at: "manifests/all.yaml")
        if !pinned {
            let names = sources.indices.map { "d\($0)" }
            let update = try scenario.start(Scenario.executable.path, ["data", "update"] + names).wait()
            try #require(update.status == 0, "\(update.transcript)")
            let written = try scenario.read("manifests/all.yaml").components(separatedBy: "\n  sha256: ").dropFirst()
            #expect(written.map { String($0.prefix(64)) } == pins)
        }
        let plan = try scenario.ftops("plan", "--json")
        try #require(plan.status == 0, "\(plan.transcript)")
        let json = try JSONSerialization.jsonObject(with: Data(plan.output.utf8)) as? [String: Any]
        let items = try #require(json?["items"] as? [[String: Any]], "\(plan.output)")
        var found: [String: String] = [:]
        for item in items {
            for name in try #require(item["fine_tunes"] as? [String]) {
                let index = try #require(Int(name.dropFirst()))
                found[sources[index].source] = try #require(item["fingerprint"] as? String)
            }
        }
        return found
    }

    @Test("have one fingerprint from a path, HTTPS, a hub and two stores, in every format")
    func oneFingerprint() throws {
        var found = try fingerprints(Self.files.map { ("datasets/\($0)", $0) }, pinned: true)
        // What is pinned is taken from the cache, wherever it came from.
        func add(_ kind: String, _ sources: [(source: String, file: String)]) throws {
            try? FileManager.default.removeItem(at: scenario.folder.appending(path: "cache/ftops/sources"))
            found.merge(try fingerprints(sources, pinned: false).map { ("\(kind) \($0.key)", $0.value) }) { $1 }
        }
        try add("web", Self.files.map { (web.address("file/\($0)", host: "localhost"), $0) })
        try add("hub", Self.files.map { ("hf://acme/rows?file=\($0)", $0) })
        let splits = [("converted", "rows.parquet"), ("lines", "rows.json")]
        try add("hub", splits.map { ("hf://acme/\($0)?split=train", $1) })
        for kind in ["rclone", "seaweedfs"] {
            let store = try Peer(script: "store.py", [kind, Peer.programs, data.path])
            scenario.environment["AWS_ENDPOINT_URL"] = "http://127.0.0.1:\(store.port)"
            try add(kind, Self.files.map { ("s3://rows/\($0)", $0) })
        }
        #expect(found.count == 5 * Self.files.count + 2)
        let groups = Dictionary(grouping: found.keys.sorted()) { found[$0] ?? "" }
        #expect(groups.count == 1, "\(groups)")
    }
}
