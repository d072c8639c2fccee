//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Foundation
import FtopsTestSupport
import JSON
import Ledger
import Planning
import Reports
import Resources
import Runs
import Testing

@testable import Reconciler

/// A repository to which seeded changes happen: fine-tunes come, go, change, are renamed and trained.
final class RandomRepository {
    enum Memory {
        case without
        case warm
        case cold
    }

    let sandbox: GitSandbox
    private var random: SeededGenerator
    private let top: String
    private var fineTunes: [String: Int] = [:]
    private var next = 0
    private(set) var actions: Set<String> = []

    init(seed: UInt64) throws {
        random = SeededGenerator(seed: seed)
        sandbox = try GitSandbox()
        top = try sandbox.repository(files: ["manifests/shared.yaml": Self.shared, "datasets/rows.jsonl": Self.rows(3)])
        for _ in 0..<6 { add() }
        try write()
    }

    func plan(_ memory: Memory) throws -> String {
        if memory == .cold { try? FileManager.default.removeItem(atPath: sandbox.path("cache")) }
        var workspace = try workspace()
        workspace.remembers = memory != .without
        let plan = try PlanService(workspace).plan(at: .present).plan
        actions = Set(plan.items.map(\.action.word))
        return JSONText.pretty(PlanJSON.value(plan))
    }

    /// The cached files with the times of their last change.
    func files() throws -> [String: Date] {
        let folder = sandbox.path("cache/ftops/parsed")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder)
        return try Dictionary(
            uniqueKeysWithValues: names.map { name in
                let attributes = try FileManager.default.attributesOfItem(atPath: "\(folder)/\(name)")
                return (name, try #require(attributes[.modificationDate] as? Date))
            }
        )
    }

    /// Changes something, and says what.
    func change() throws -> String {
        let name = fineTunes.keys.sorted().randomElement(using: &random)
        let change = random.pick(["add", "edit", "rename", "remove", "train", "train", "rows", "forget"])
        switch change {
        case "edit": if let name { fineTunes[name]? += 100 }
        case "rename": if let name { fineTunes["renamed-\(next)"] = fineTunes.removeValue(forKey: name) }
        case "remove": if let name { fineTunes[name] = nil }
        case "train": try trainAll(among: Bool.random(using: &random) ? name : nil)
        case "rows": try sandbox.write(Self.rows(Int.random(in: 2...5, using: &random)), to: "work/datasets/rows.jsonl")
        case "forget": try forget()
        default: add()
        }
        next += 1
        try write()
        if Bool.random(using: &random) { try commit() }
        return change
    }

    /// Trains what a plan wants trained, or one fine-tune of it: a run in the ledger, and a version but for some.
    func trainAll(among name: String? = nil) throws {
        try commit()
        let workspace = try workspace()
        let planned = try PlanService(workspace).plan(at: .present)
        var runs: [Fingerprint: RunEntry] = [:]
        for item in planned.plan.items
        where item.action.isTraining && (name ?? "\(item.fineTunes[0])") == "\(item.fineTunes[0])" {
            let record = record(item)
            let isPublished = Int.random(in: 0...4, using: &random) > 0
            runs[item.fingerprint] = entry(
                record,
                isPublished ? .published : random.pick([.trained, .started, .failed])
            )
            if isPublished {
                try sandbox.write(VersionRecordCodec.text(record), to: "work/" + VersionRecordCodec.path(of: record))
            }
        }
        let ledger = RunLedger(repository: workspace.repository, hasVersions: false)
        try ledger.step(message: "train", now: workspace.now()) { _ in runs }
        try commit()
    }

    private func workspace() throws -> Workspace {
        let places = try Places.find(
            environment: [
                "FTOPS_STATE": sandbox.path("state"), "XDG_CACHE_HOME": sandbox.path("cache"), "HOME": sandbox.folder,
            ],
            executable: "/usr/bin/ftops",
            facts: .machine
        )
        return try Workspace(directory: top, places: places) { Timestamp(seconds: 4_000_000_000) }
    }

    func commit() throws {
        try sandbox.git("add", "-A", in: top)
        try sandbox.git("commit", "-q", "--allow-empty", "-m", "change", in: top)
    }

    private func record(_ item: PlanItem) -> VersionRecord {
        var record = RecordDraft.make(
            item,
            run: RunID(rawValue: item.fingerprint.hex.prefix(12).lowercased()),
            commit: String(repeating: "0", count: 40),
            rowDigests: item.fingerprint.digest
        )
        record.id = item.fingerprint.digest
        record.number = Int.random(in: 1...3, using: &random)
        record.training.seconds = Double(Int.random(in: 0...90, using: &random))
        record.training.tokens = 1000
        return record
    }

    private func entry(_ record: VersionRecord, _ state: RunEntry.State) -> RunEntry {
        RunEntry(
            state: state,
            fingerprint: record.fingerprint,
            fineTunes: record.fineTunes,
            model: record.model,
            commit: record.commit,
            branch: "main",
            holder: RunEntry.Holder(id: HolderID(rawValue: "one"), host: "gpu-1", until: Timestamp(seconds: 9)),
            failure: state == .failed ? RunEntry.Failure(kind: "memory", message: "too large") : nil,
            version: [.trained, .published].contains(state) ? record : nil
        )
    }

    private func forget() throws {
        let all = FileManager.default.enumerator(atPath: top + "/versions")?.compactMap { $0 as? String } ?? []
        guard let path = all.filter({ $0.hasSuffix(".yaml") }).sorted().randomElement(using: &random) else { return }
        try FileManager.default.removeItem(atPath: "\(top)/versions/\(path)")
    }

    private func add() {
        fineTunes["tune-\(next)-\(fineTunes.count)"] = fineTunes.count + next
    }

    /// Puts the fine-tunes into files of three each.
    private func write() throws {
        try? FileManager.default.removeItem(atPath: top + "/manifests/tunes")
        for (number, (name, seed)) in fineTunes.sorted(by: { $0.key < $1.key }).enumerated() {
            let path = "work/manifests/tunes/\(number / 3).yaml"
            try sandbox.write((sandbox.read(path) ?? "") + Self.fineTune(name, seed), to: path)
        }
    }

    private static func rows(_ count: Int) -> String {
        (0..<count).map { "{\"text\": \"row \($0)\"}\n" }.joined()
    }

    private static func fineTune(_ name: String, _ seed: Int) -> String {
        """
        ---
        apiVersion: ftops/v1
        kind: FineTune
        metadata: {name: \(name)}
        spec:
          base: small
          dataset: rows
          template: plain
          hyperparameters: {seed: \(seed)}
          destination: acme/model-\(seed % 4)

        """
    }

    private static let shared = """
        apiVersion: ftops/v1
        kind: Dataset
        metadata: {name: rows}
        spec: {source: datasets/rows.jsonl}
        ---
        apiVersion: ftops/v1
        kind: Template
        metadata: {name: plain}
        spec: {text: "{text}"}
        ---
        apiVersion: ftops/v1
        kind: BaseModel
        metadata: {name: small}
        spec: {parameters: 1M, context: 1024, node: {python: small==1.0.0}}

        """
}
