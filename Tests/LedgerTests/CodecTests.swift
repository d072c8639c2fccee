//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Ledger
import Planning
import Resources
import Testing

@Suite("codec")
struct CodecTests {
    @Test("records and entries come back as they were", arguments: 0..<20)
    func roundTrips(batch: Int) throws {
        for seed in batch * 20..<(batch + 1) * 20 {
            var samples = Samples(seed: UInt64(seed))
            let record = samples.record()
            let text = VersionRecordCodec.text(record)
            #expect(text.hasPrefix("apiVersion: ftops/v1\nkind: Version\n"))
            let again = try VersionRecordCodec.record(Array(text.utf8), at: "x.yaml")
            #expect(again == record, "seed \(seed)")
            #expect(VersionRecordCodec.text(again) == text)
            let entry = samples.entry()
            #expect(try RunEntryCodec.entry(Array(RunEntryCodec.text(entry).utf8), at: "x") == entry, "seed \(seed)")
        }
    }

    @Test("keys of later releases are passed over")
    func ignoresUnknownKeys() throws {
        var samples = Samples(seed: 1)
        let record = samples.record()
        let text = VersionRecordCodec.text(record) + "later: {a: [1]}\n"
        #expect(try VersionRecordCodec.record(Array(text.utf8), at: "x.yaml") == record)
    }

    @Test(
        "a broken file is told by path, line, column and what was expected",
        arguments: [
            ("trainer: ", "trainer: one", "v/1.yaml:LINE:10: `trainer` should be a whole number"),
            ("started: ", "started: today", "v/1.yaml:LINE:10: `started` should be a time"),
            ("backend: ", "backend: cloud", "v/1.yaml:LINE:10: `backend` should be one of node, slurm"),
            ("weights:", "weights: 3", "`weights` should be a list"),
            ("id: ", "identity: x", "v/1.yaml:1:1: `id` is missing"),
            ("kind: ", "kind: Run", "`kind` should be Version"),
            ("apiVersion: ", "apiVersion: ftops/v9", "which this release reads"),
            ("commit: ", "commit: [", "v/1.yaml:"),
        ]
    )
    func locatesFaults(key: String, replacement: String, expected: String) throws {
        var samples = Samples(seed: 7)
        var record = samples.record()
        record.weights = []
        var lines = VersionRecordCodec.text(record).split(separator: "\n", omittingEmptySubsequences: false)
        let index = try #require(lines.firstIndex { $0.hasPrefix(key) })
        lines[index] = replacement[...]
        let bytes = Array(lines.joined(separator: "\n").utf8)
        let error = #expect(throws: LedgerError.self) { try VersionRecordCodec.record(bytes, at: "v/1.yaml") }
        #expect(error?.code == .broken)
        let message = try #require(error?.message)
        #expect(message.contains(expected.replacing("LINE", with: "\(index + 1)")), "\(message)")
    }

    @Test("a version's file is where its model, number and id say")
    func namesFiles() {
        var samples = Samples(seed: 3)
        var record = samples.record()
        record.number = 4
        record.model = ModelName(owner: "acme", name: "m")
        #expect(VersionRecordCodec.path(of: record) == "versions/acme/m/4-\(record.id.short).yaml")
        let fingerprint = record.fingerprint
        #expect(RunEntryCodec.path(of: fingerprint) == "runs/\(fingerprint.hex.prefix(2))/\(fingerprint).yaml")
    }
}
