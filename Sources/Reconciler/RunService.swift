//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Git
package import Ledger
package import Planning
internal import Resources
package import Runs

/// Runs as the ledger has them: status, logs, cancelling, and what a person settles about them.
package struct RunService {
    private let workspace: Workspace
    private let home: Home

    /// Opens the ledger of a repository.
    package init(_ workspace: Workspace) throws {
        self.workspace = workspace
        let project = try workspace.read(.present).desired.project
        home = try Home(workspace.repository, settings: try GitSettings(project, in: workspace.repository))
    }

    /// A run of the ledger with what this machine knows of it.
    package struct Status {
        /// The run's id.
        package let run: RunID
        /// What the ledger says.
        package let entry: RunEntry
        /// How far it has come, where it runs on this machine.
        package let summary: TrainingSummary?
    }

    /// Runs that are under way, trained or failed; the published ones too where asked for.
    package func list(all: Bool) throws -> [Status] {
        let snapshot = try home.ledger.read()
        let state = try StateFolder.open(workspace.places.state)
        return try snapshot.entries.values
            .filter { all || $0.state != .published }
            .sorted { ($0.model, $0.fingerprint) < ($1.model, $1.fingerprint) }
            .compactMap { entry in
                guard let run = snapshot.runID(of: entry.fingerprint) else { return nil }
                let folder = state.run(run.rawValue)
                return Status(run: run, entry: entry, summary: folder.isPrepared ? try folder.summary() : nil)
            }
    }

    /// The run that a name means: an id, its beginning, or a fine-tune's name.
    package func find(_ text: String) throws -> Status {
        let snapshot = try home.ledger.read()
        let found = snapshot.runs(named: text)
        // A fine-tune's name means its newest run: one that is under way before those that ended.
        let ordered = found.sorted { Self.age($0) > Self.age($1) }
        let isName = found.allSatisfy { $0.fineTunes.contains(ResourceName(rawValue: text)) }
        guard let entry = ordered.first, found.count == 1 || isName, let run = snapshot.runID(of: entry.fingerprint)
        else {
            let problem = found.isEmpty ? "there is no run `\(text)`" : "several runs begin with `\(text)`"
            throw ReconcilerError(.unknownName, "\(problem); ftops status --all lists them")
        }
        let folder = try folder(run)
        return Status(run: run, entry: entry, summary: folder.isPrepared ? try folder.summary() : nil)
    }

    private static func age(_ entry: RunEntry) -> Int64 {
        switch entry.state {
        case .claimed, .started, .paused: Int64.max
        case .trained, .published, .failed: entry.attempts.last?.started.seconds ?? 0
        }
    }

    /// The folder of a run on this machine.
    package func folder(_ run: RunID) throws -> RunFolder {
        try StateFolder.open(workspace.places.state).run(run.rawValue)
    }

    /// Asks whoever holds a run to end it.
    package func cancel(_ entry: RunEntry) throws {
        try home.ledger.step(message: "cancel \(entry.fingerprint.short)", now: workspace.now()) { snapshot in
            [entry.fingerprint: try LedgerTransition.requestCancel(snapshot.entries[entry.fingerprint])]
        }
    }

    /// Says that a run's holder will not come back, so that any machine may take it over.
    package func resolveLost(_ entry: RunEntry) throws {
        let now = workspace.now()
        try home.ledger.step(message: "resolve \(entry.fingerprint.short) as lost", now: now) { snapshot in
            [entry.fingerprint: try LedgerTransition.resolveLost(snapshot.entries[entry.fingerprint], now: now)]
        }
    }

    /// Makes a lost ledger anew from the versions of all branches and the last copies.
    package func rebuildLedger() throws -> LedgerSnapshot {
        var versions: [(branch: String, record: VersionRecord)] = []
        for place in [home.remote?.repository, workspace.repository].compactMap({ $0 }) {
            for (name, tip) in try place.references(under: "refs/heads/") {
                let branch = String(name.dropFirst("refs/heads/".count))
                versions += try PublishedVersions.read(place, tip).map { (branch, $0) }
            }
        }
        return try home.ledger.rebuild(versions: versions, now: workspace.now())
    }

    /// Reads the ledger, and says what is wrong with it.
    package func check() throws -> LedgerSnapshot { try home.ledger.read() }
}
