//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Digest
import Foundation
import FtopsTestSupport
import Ledger
import Planning
import Reports
import Resources
import Runs

@testable import Git
@testable import Reconciler

/// A repository all of whose fine-tunes are trained, of rows in the repository and in the cache and of a base in a folder,
/// alone or with a remote.
final class RestingRepository {
    let sandbox: GitSandbox
    let top: String
    private var count = 0

    var base: String { sandbox.path("base") }
    var source: String { sandbox.path("cache/ftops/sources/\(Self.pin)") }

    init(hasOrigin: Bool) throws {
        sandbox = try GitSandbox()
        top = try sandbox.repository(files: ["data/rows.jsonl": Self.rows(3), "data/held.jsonl": Self.rows(2)])
        try writeSurroundings()
        try sandbox.write(Self.shared(base: base), to: "work/manifests/shared.yaml")
        for (name, dataset) in ["near": "rows", "far": "far", "both": "both"] {
            try sandbox.write(Self.fineTune(name, of: dataset), to: "work/manifests/tunes/\(name).yaml")
        }
        try commit()
        if hasOrigin {
            let origin = try sandbox.bare()
            try git("remote", "add", "origin", origin)
            try git("push", "-q", "-u", "origin", "main")
        }
        try trainAll()
    }

    func workspace(remembers: Bool = true, state: String = "state", top: String? = nil) throws -> Workspace {
        let places = try Places.find(
            environment: [
                "FTOPS_STATE": sandbox.path(state), "XDG_CACHE_HOME": sandbox.path("cache"), "HOME": sandbox.folder,
            ],
            executable: "/usr/bin/ftops",
            facts: .machine
        )
        var workspace = try Workspace(directory: top ?? self.top, places: places) { Timestamp(seconds: 4_000_000_000) }
        workspace.remembers = remembers
        return workspace
    }

    /// What `ftops plan` says, by what is remembered where it may be.
    func plan() throws -> String {
        if let resting = try restingPlan() { return resting }
        let service = PlanService(try workspace())
        return said(service) { service.rememberRest($0) }
    }

    /// What is remembered that `ftops plan` says; nothing where it takes a whole plan.
    func restingPlan(state: String = "state") throws -> String? {
        PlanService(try workspace(state: state)).restingPlan().map { PlanText.render($0) }
    }

    /// What a plan says that remembers nothing.
    func wholePlan() throws -> String { said(PlanService(try workspace(remembers: false))) }

    /// Whether it is remembered that nothing is to be done.
    func isAtRest(state: String = "state") throws -> Bool { try restingPlan(state: state) != nil }

    private func said(_ service: PlanService, _ body: (Planned) -> Void = { _ in }) -> String {
        do {
            let planned = try service.plan(at: .present)
            body(planned)
            return PlanText.render(planned.plan) + planned.plan.warnings.map { "\($0.message)\n" }.joined()
        } catch {
            return "\(error) \((error as? ReconcilerError)?.diagnostics.map(\.message) ?? [])"
        }
    }

    // MARK: Git

    @discardableResult
    func git(_ arguments: String...) throws -> String {
        let process = ["-c", "gc.auto=0"] + arguments
        return try sandbox.run(process, in: top)
    }

    func commit() throws {
        try git("add", "-A")
        try git("commit", "-q", "--allow-empty", "-m", "change")
    }

    /// Another clone of the remote.
    func clone() throws -> String {
        count += 1
        return try sandbox.clone(sandbox.path("origin.git"), as: "clone-\(count)")
    }

    // MARK: Training

    /// Publishes a version of all that is to be trained.
    func trainAll() throws {
        let workspace = try workspace()
        let planned = try PlanService(workspace).plan(at: .present)
        var runs: [Fingerprint: RunEntry?] = [:]
        for item in planned.plan.items where item.action.isTraining {
            let record = record(item)
            runs[item.fingerprint] = entry(record)
            try sandbox.write(VersionRecordCodec.text(record), to: "work/" + VersionRecordCodec.path(of: record))
        }
        try Home(workspace.repository, settings: planned.settings).ledger
            .step(message: "train", now: workspace.now()) { _ in runs }
        try commit()
        if planned.settings.remote != nil { try git("push", "-q", "origin", "HEAD") }
    }

    private func record(_ item: PlanItem) -> VersionRecord {
        var record = RecordDraft.make(
            item,
            run: RunID(rawValue: item.fingerprint.hex.prefix(12).lowercased()),
            commit: String(repeating: "0", count: 40),
            rowDigests: item.fingerprint.digest
        )
        record.id = item.fingerprint.digest
        count += 1
        record.number = count
        return record
    }

    private func entry(_ record: VersionRecord) -> RunEntry {
        RunEntry(
            state: .published,
            fingerprint: record.fingerprint,
            fineTunes: record.fineTunes,
            model: record.model,
            commit: record.commit,
            branch: "main",
            holder: RunEntry.Holder(id: HolderID(rawValue: "one"), host: "gpu-1", until: Timestamp(seconds: 9)),
            version: record
        )
    }

    // MARK: Files

    /// Writes the base and what the cache has of a source.
    private func writeSurroundings() throws {
        for (name, text) in ["config.json": "{}", "model.safetensors": "weights", "tokenizer.json": "{}"] {
            try sandbox.write(text, to: "base/\(name)")
        }
        // No plan may ask this machine for it.
        try sandbox.write(Self.far, to: "cache/ftops/sources/\(Self.pin)/rows.jsonl")
    }

    /// Puts back what is not in git, and checks out `main`, so that a plan can be made again.
    func mend() throws {
        for name in ["base", "cache/ftops/sources", "state"] {
            try? FileManager.default.removeItem(atPath: sandbox.path(name))
        }
        try writeSurroundings()
        try git("checkout", "-q", "--force", "main")
    }

    static func rows(_ count: Int) -> String { (0..<count).map { "{\"text\": \"row \($0)\"}\n" }.joined() }

    private static let far = rows(4)
    private static let pin = SHA256Digest.of(far).hex

    static func fineTune(_ name: String, of dataset: String = "rows", seed: Int = 1) -> String {
        """
        apiVersion: ftops/v1
        kind: FineTune
        metadata: {name: \(name)}
        spec:
          base: small
          dataset: \(dataset)
          template: plain
          hyperparameters: {seed: \(seed)}
          destination: acme/\(name)

        """
    }

    private static func shared(base: String) -> String {
        """
        apiVersion: ftops/v1
        kind: Dataset
        metadata: {name: rows}
        spec: {source: data/rows.jsonl, validation: {source: data/held.jsonl}}
        ---
        apiVersion: ftops/v1
        kind: Dataset
        metadata: {name: far}
        spec: {source: "https://127.0.0.1/rows.jsonl", sha256: \(pin)}
        ---
        apiVersion: ftops/v1
        kind: Dataset
        metadata: {name: both}
        spec: {mix: [{use: rows}, {use: far}]}
        ---
        apiVersion: ftops/v1
        kind: Template
        metadata: {name: plain}
        spec: {text: "{text}"}
        ---
        apiVersion: ftops/v1
        kind: BaseModel
        metadata: {name: small}
        spec: {parameters: 1M, context: 1024, node: {path: \(base)}}

        """
    }
}
