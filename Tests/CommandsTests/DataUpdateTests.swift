//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Foundation
import FtopsTestSupport
import Testing

@Suite("Data from elsewhere")
struct DataUpdateTests {
    private static let rows = (1...20).map(Scenario.row).joined()
    /// The page that a person sees and the file that the guide names, as its gist has them.
    private static let page = "https://gist.github.com/nateraw/055c55b000e4c37d43ce8eb142ccc0a2"
    private static let raw =
        "https://gist.githubusercontent.com/nateraw/055c55b000e4c37d43ce8eb142ccc0a2/raw/"
        + "d13853512fc83e8c656a3e8b6e1270dd3c398e77/samsum.jsonl"

    private let scenario: Scenario
    private let web: WebPeer

    /// A machine that reaches the web by a proxy, behind which stand the sites of these tests.
    init() throws {
        let certificate = try TestCertificate(names: ["gist.github.com", "gist.githubusercontent.com"])
        web = try WebPeer(certificate: certificate.file, isProxy: true)
        try web.folder.write("<!DOCTYPE html>\n<html></html>\n", to: "sites" + Self.page.dropFirst(7))
        try web.folder.write(Self.rows, to: "sites" + Self.raw.dropFirst(7))
        scenario = try Scenario()
        let authority = scenario.folder.appending(path: "authority.pem")
        try Data(contentsOf: URL(fileURLWithPath: certificate.authority)).write(to: authority)
        scenario.environment["https_proxy"] = web.address("")
        scenario.environment["CURL_CA_BUNDLE"] = authority.path
    }

    private func manifest(source: String) -> String {
        Scenario.manifest().replacingOccurrences(
            of: "  source: datasets/greetings.jsonl\n",
            with: "  source: \(source)   # where the rows are\n"
        )
    }

    @Test("what asks nothing of a server does without the library that would, and the rest says that it is missing")
    func withoutLibrary() throws {
        let folder = scenario.folder.appending(path: "broken")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data("no library".utf8).write(to: folder.appending(path: "libcurl.so.4"))
        scenario.environment["LD_LIBRARY_PATH"] = folder.path
        #expect(try scenario.ftops("plan").status == 0)
        try scenario.write(manifest(source: Self.raw), at: "manifests/greeter.yaml")
        let update = try scenario.ftops("data", "update", "greetings")
        #expect(update.status == 1 && update.errors.contains("cannot load libcurl"), "\(update.transcript)")
    }

    @Test("an address without a pin is an error that names the command, which writes it and nothing else")
    func pins() throws {
        let text = manifest(source: Self.raw)
        try scenario.write(text, at: "manifests/greeter.yaml")
        let plan = try scenario.ftops("plan")
        #expect(plan.status == 1 && plan.errors.contains("ftops data update greetings"), "\(plan.transcript)")
        let update = try scenario.ftops("data", "update", "greetings")
        let digest = try Python.sha256(Self.rows)
        #expect(update.status == 0, "\(update.transcript)")
        #expect(update.output.contains("pinned by sha256 \(digest.prefix(12))…"), "\(update.transcript)")
        #expect(
            try scenario.read("manifests/greeter.yaml")
                == text.replacingOccurrences(
                    of: "   # where the rows are\n",
                    with: "   # where the rows are\n  sha256: \(digest)\n"
                )
        )
        try scenario.commit("Pin the rows")
        let planned = try scenario.ftops("plan")
        #expect(planned.status == 0 && planned.output.contains("+ create"), "\(planned.transcript)")
        #expect(web.requests("samsum.jsonl").count == 1)
    }

    @Test("what is pinned and not in the cache is downloaded, and planned as the same rows from a path are")
    func downloads() throws {
        let digest = try Python.sha256(Self.rows)
        let pinned = manifest(source: Self.raw).replacingOccurrences(
            of: "rows are\n",
            with: "rows are\n  sha256: \(digest)\n"
        )
        try scenario.write(pinned, at: "manifests/greeter.yaml")
        try scenario.commit("Name rows elsewhere")
        let remote = try scenario.ftops("data", "render", "greeter")
        #expect(remote.status == 0 && remote.errors.contains("downloading https://gist"), "\(remote.transcript)")
        try scenario.writeManifests()
        #expect(try scenario.ftops("data", "render", "greeter").output == remote.output)
        #expect(try scenario.ftops("data", "render", "greeter", "--ref", "HEAD").output == remote.output)
        #expect(web.requests("samsum.jsonl").count == 1)
    }

    @Test("trains on rows from elsewhere, and remembers their pin")
    func trains() throws {
        try scenario.write(manifest(source: Self.raw), at: "manifests/greeter.yaml")
        try #require(try scenario.ftops("data", "update", "greetings").status == 0)
        try scenario.commit("Pin the rows")
        let apply = try scenario.ftops("apply", "--auto-approve")
        #expect(apply.status == 0, "\(apply.transcript)")
        let record = try scenario.git("grep", "--no-index", "-h", "source", "versions")
        #expect(record.contains("source: \(Self.raw)\n"), "\(record)")
        #expect(record.contains("sourceDigest: \(try Python.sha256(Self.rows))"), "\(record)")
    }

    @Test(
        "a text that is no digest is replaced, where the rows lie elsewhere and where they do not",
        arguments: [true, false]
    )
    func placeholder(_ isRemote: Bool) throws {
        try scenario.write(Self.rows, at: "datasets/greetings.jsonl")
        let source = isRemote ? Self.raw : "datasets/greetings.jsonl"
        let text = manifest(source: source).replacing("rows are\n", with: "rows are\n  sha256: TODO\n")
        try scenario.write(text, at: "manifests/greeter.yaml")
        let plan = try scenario.ftops("plan")
        #expect(plan.status == 1 && plan.errors.contains("found `TODO`"), "\(plan.transcript)")
        let update = try scenario.ftops("data", "update", "greetings")
        #expect(update.status == 0, "\(update.transcript)")
        let pinned = text.replacing("TODO", with: try Python.sha256(Self.rows))
        #expect(try scenario.read("manifests/greeter.yaml") == pinned)
    }

    @Test("an error of the dataset itself is told, once, and names it")
    func ownError() throws {
        let text = manifest(source: Self.raw).replacing("{rows: 4, seed: 7}", with: "{rows: 0, seed: 7}")
        try scenario.write(text, at: "manifests/greeter.yaml")
        let update = try scenario.ftops("data", "update", "greetings")
        #expect(update.status == 1 && update.errors.contains("manifests/greeter.yaml:6:"), "\(update.transcript)")
        #expect(update.errors.ranges(of: "must be at least 1, found 0").count == 1, "\(update.transcript)")
    }

    @Test(
        "what has no row is not pinned",
        arguments: [
            ("", "has no rows"),
            ("{\"message\": \"Not Found\"}", "no file of rows: it says {\"message\": \"Not Found\"}"),
            ("plain words\n", "1: not JSON"),
        ]
    )
    func refusesNoRows(body: String, says: String) throws {
        try web.folder.write(body, to: "sites" + Self.raw.dropFirst(7))
        let text = manifest(source: Self.raw)
        try scenario.write(text, at: "manifests/greeter.yaml")
        let update = try scenario.ftops("data", "update", "greetings")
        #expect(update.status == 1 && update.errors.contains(says), "\(update.transcript)")
        #expect(update.errors.contains("manifests/greeter.yaml:5:11"), "\(update.transcript)")
        #expect(try scenario.read("manifests/greeter.yaml") == text)
    }

    @Test(
        "Parquet is read before it is pinned",
        .enabled(if: Scenario.hasRealTrainer, "the trainer's environment is not there")
    )
    func refusesParquet() throws {
        let python = try scenario.useRealTrainer()
        let name = "datasets/greetings.parquet"
        let text = manifest(source: "\(name)\n  sha256: TODO")
        try scenario.write(text, at: "manifests/greeter.yaml")
        let script = """
            import pyarrow, pyarrow.parquet
            table = pyarrow.table({"name": ["Ann"] * 9, "greeting": ["Hi"] * 9})
            pyarrow.parquet.write_table(table, "\(name)")
            pyarrow.parquet.write_table(table.slice(0, 0), "datasets/empty.parquet")
            """
        try scenario.write("PAR1 no more than its beginning PAR1", at: name)
        let broken = try scenario.ftops("data", "update", "greetings")
        #expect(broken.status == 1 && broken.errors.contains("as Parquet: "), "\(broken.transcript)")
        #expect(broken.errors.contains("manifests/greeter.yaml:5:11"), "\(broken.transcript)")
        #expect(try scenario.read("manifests/greeter.yaml") == text)
        try #require(try scenario.start(python, ["-c", script]).wait().status == 0)
        #expect(try scenario.ftops("data", "update", "greetings").status == 0)
        try scenario.write(manifest(source: "datasets/empty.parquet\n  sha256: TODO"), at: "manifests/greeter.yaml")
        let empty = try scenario.ftops("data", "update", "greetings")
        #expect(empty.status == 1 && empty.errors.contains("has no rows"), "\(empty.transcript)")
    }

    @Test("says what has moved, and what has not")
    func moves() throws {
        try scenario.write(manifest(source: Self.raw), at: "manifests/greeter.yaml")
        try #require(try scenario.ftops("data", "update", "greetings").status == 0)
        let same = try scenario.ftops("data", "update", "greetings")
        #expect(same.status == 0 && same.output.contains("unchanged"), "\(same.transcript)")
        let rows = Self.rows + Scenario.row(21)
        try web.folder.write(rows, to: "sites" + Self.raw.dropFirst(7))
        let moved = try scenario.ftops("data", "update", "greetings")
        #expect(moved.output.contains("moved from sha256"), "\(moved.transcript)")
        #expect(try scenario.read("manifests/greeter.yaml").contains("  sha256: \(try Python.sha256(rows))\n"))
    }

    @Test("a page names the address of the file itself, which works")
    func names() throws {
        try scenario.write(manifest(source: Self.page), at: "manifests/greeter.yaml")
        let update = try scenario.ftops("data", "update", "greetings")
        #expect(update.status == 1 && update.errors.contains("is an HTML page"), "\(update.transcript)")
        #expect(
            update.errors.contains(Self.page.replacing("gist.github.com", with: "gist.githubusercontent.com") + "/raw")
        )
        #expect(update.errors.contains("manifests/greeter.yaml:5:11"), "\(update.transcript)")
        #expect(try scenario.read("manifests/greeter.yaml") == manifest(source: Self.page))
    }

    @Test("a source that is not what is pinned is an error at its line")
    func refusesOther() throws {
        let pin = String(repeating: "ab", count: 32)
        let text = manifest(source: Self.raw).replacingOccurrences(
            of: "rows are\n",
            with: "rows are\n  sha256: \(pin)\n"
        )
        try scenario.write(text, at: "manifests/greeter.yaml")
        let plan = try scenario.ftops("plan")
        #expect(plan.status == 1 && plan.errors.contains("source-changed"), "\(plan.transcript)")
        #expect(plan.errors.contains("manifests/greeter.yaml:5:11") && plan.errors.contains(pin))
    }

    @Test("pins rows that validate, and rows in the repository that have a pin")
    func pinsOthers() throws {
        let text = manifest(source: "datasets/rows.jsonl\n  sha256: \(String(repeating: "0", count: 64))")
            .replacingOccurrences(of: "{rows: 4, seed: 7}", with: "{source: \(Self.raw)}")
        try scenario.write(text, at: "manifests/greeter.yaml")
        try scenario.write("{\"name\": \"Ann\", \"greeting\": \"Hi\"}\n", at: "datasets/rows.jsonl")
        let update = try scenario.ftops("data", "update", "greetings")
        #expect(update.status == 0 && update.output.split(separator: "\n").count == 2, "\(update.transcript)")
        let render = try scenario.ftops("data", "render", "greetings", "--validation")
        #expect(render.status == 0 && render.output.split(separator: "\n").count == 20, "\(render.transcript)")
    }

    @Test("a copy in the cache that is damaged is removed, and downloaded again")
    func heals() throws {
        try scenario.write(manifest(source: Self.raw), at: "manifests/greeter.yaml")
        try #require(try scenario.ftops("data", "update", "greetings").status == 0)
        let digest = try Python.sha256(Self.rows)
        let copy = scenario.folder.appending(path: "cache/ftops/sources/\(digest)/samsum.jsonl")
        try Data((Self.rows + Scenario.row(22)).utf8).write(to: copy)
        let damaged = try scenario.ftops("data", "render", "greetings")
        #expect(
            damaged.status == 1 && damaged.errors.contains("was damaged and has been removed"),
            "\(damaged.transcript)"
        )
        #expect(try scenario.ftops("data", "render", "greetings").status == 0)
    }
}
