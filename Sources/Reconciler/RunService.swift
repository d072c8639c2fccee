//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Git
package import Ledger
internal import Manifests
package import Planning
internal import Resources
package import Runs

/// Runs as the ledger has them: status, logs, cancelling, and what a person settles about them.
package struct RunService {
    let workspace: Workspace
    private let home: Home
    let supervisors: SupervisorProcess
    private let desired: DesiredState
    private var fineTunes: Set<ResourceName> { Set(desired.fineTunes.keys) }

    /// Opens the ledger of a repository.
    package init(_ workspace: Workspace) throws {
        self.workspace = workspace
        let desired = try workspace.read(.present).desired
        self.desired = desired.state
        let settings = try desired.withLines { try GitSettings(desired.state.project, in: workspace.repository) }
        home = try Home(workspace.repository, settings: settings, memory: workspace.records)
        let store = workspace.store(desired.project)
        supervisors = SupervisorProcess(workspace: workspace, home: home, store: store)
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
    package func list(all: Bool, of selection: Selection = .all) throws -> [Status] {
        let names = try selection.names(in: desired)
        let snapshot = try home.ledger.read()
        let state = try StateFolder.open(workspace.places.state)
        return try snapshot.entries.values
            .filter { all || $0.state != .published }
            .filter { entry in names.map { entry.fineTunes.contains(where: $0.contains) } ?? true }
            .sorted { ($0.model, $0.fingerprint) < ($1.model, $1.fingerprint) }
            .compactMap { entry in
                guard let run = snapshot.runID(of: entry.fingerprint) else { return nil }
                let folder = state.run(run.rawValue)
                return Status(run: run, entry: entry, summary: folder.isPrepared ? try folder.summary() : nil)
            }
    }

    /// The run that a name means: an id, its beginning, or a fine-tune's name, which means its newest run.
    package func find(_ text: String) throws -> Status {
        let snapshot = try home.ledger.read()
        let found = snapshot.runs(named: text)
        let named = found.filter { $0.fineTunes.contains(ResourceName(rawValue: text)) }
        // One that is under way goes before those that ended.
        let newest = named.max { Self.age($0) < Self.age($1) }
        guard let entry = newest ?? (found.count == 1 ? found.first : nil),
            let run = snapshot.runID(of: entry.fingerprint)
        else { throw unknown(text, isAmbiguous: !found.isEmpty, among: snapshot) }
        let folder = try folder(run)
        return Status(run: run, entry: entry, summary: folder.isPrepared ? try folder.summary() : nil)
    }

    private func unknown(_ text: String, isAmbiguous: Bool, among snapshot: LedgerSnapshot) -> ReconcilerError {
        if isAmbiguous {
            return ReconcilerError(.unknownName, "several runs begin with `\(text)`; ftops status --all lists them")
        }
        if fineTunes.contains(ResourceName(rawValue: text)) {
            return ReconcilerError(.unknownName, "\(text) has no run yet; ftops apply starts one")
        }
        let names = Set(snapshot.entries.values.flatMap(\.fineTunes)).map(\.rawValue)
        let meant = Suggestion.nearest(text, among: names).map { ": did you mean \($0)?" } ?? ";"
        return ReconcilerError(.unknownName, "there is no run `\(text)`\(meant) ftops status --all lists them")
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

    /// Whether somebody is to go on with a run by itself; a paused one waits for a person.
    package func isUnderWay(_ status: Status) throws -> Bool {
        switch try home.ledger.read().entries[status.entry.fingerprint]?.state {
        case .claimed, .started: true
        case .paused, .trained, .published, .failed, nil: false
        }
    }

    /// Whether this machine holds a run.
    package func isOwn(_ entry: RunEntry) throws -> Bool {
        entry.holder.id.rawValue == (try StateFolder.open(workspace.places.state)).holder
    }

    /// Whether a process of this machine is at a run now.
    package func isAlive(_ run: RunID) throws -> Bool {
        let folder = try folder(run)
        return try folder.isPrepared && !folder.isFree()
    }

    /// Asks whoever holds a run to end it; true where nobody was at it, so that it has ended.
    package func cancel(_ status: Status) throws -> Bool {
        let entry = try settle(status, "cancel") { entry, _ in try LedgerTransition.requestCancel(entry) }
        return entry?.state == .failed
    }

    /// Says that a run's holder will not come back, so that any machine may take it over.
    package func resolveLost(_ status: Status) throws {
        try settle(status, "resolve as lost") { try LedgerTransition.resolveLost($0, now: $1) }
    }

    /// Takes a step that a person asks for; gives the entry that it leaves.
    @discardableResult
    func settle(
        _ status: Status,
        _ verb: String,
        _ step: (RunEntry?, Timestamp) throws -> RunEntry
    ) throws -> RunEntry? {
        let now = workspace.now()
        let fingerprint = status.entry.fingerprint
        do {
            let snapshot = try home.ledger.step(message: "\(verb) \(fingerprint.short)", now: now) { snapshot in
                [fingerprint: try step(snapshot.entries[fingerprint], now)]
            }
            return snapshot.entries[fingerprint]
        } catch let refusal as LedgerRefusal {
            guard case .wrongState(let state) = refusal.reason else { throw refusal }
            let next = state == .trained ? "ftops apply publishes it" : "nobody is at it any more"
            throw ReconcilerError(.unknownName, "run \(status.run) is \(state.rawValue): \(next)")
        }
    }

    /// Makes a lost ledger anew from the versions of all branches and the last copies; says which files it could not
    /// read, whose trainings it does not know.
    package func rebuildLedger() throws -> (ledger: LedgerSnapshot, broken: [String]) {
        let copy = try home.remote.map { remote in
            let folder = try workspace.repository.folder(ofRemote: remote.name)
            return try RemoteCopy.open(remote.name, at: folder, in: workspace.places.state)
        }
        let known = try home.allVersions()
        let ledger = try home.ledger.rebuild(
            versions: known.versions,
            seenBy: [copy].compactMap { $0 },
            now: workspace.now()
        )
        return (ledger, known.broken)
    }

    /// Adds the versions of all branches that the ledger does not know, as those of files that have been mended.
    package func completeLedger() throws -> (ledger: LedgerSnapshot, broken: [String]) {
        let known = try home.allVersions()
        let ledger = try home.ledger.step(message: "add versions", now: workspace.now()) { snapshot in
            LedgerMerge.entries(from: known.versions).filter { snapshot.entries[$0.key] == nil }.mapValues { $0 }
        }
        return (ledger, known.broken)
    }

    /// Reads the ledger, and says what is wrong with it.
    package func check() throws -> LedgerSnapshot { try home.ledger.read() }
}
