//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Artifacts
internal import Datasets
internal import Git
package import Ledger
internal import Manifests
internal import POSIX
package import Planning
package import Resources
internal import Runs

/// A plan together with what it was made from, for `apply` to go on with.
package struct Planned {
    /// The plan.
    package internal(set) var plan: Plan
    /// The manifests.
    package let desired: Workspace.Desired
    /// The fine-tunes that were planned, by name.
    package let resolved: [ResourceName: ResolvedFineTune]
    /// Where versions and the ledger go.
    package let settings: GitSettings
    /// The versions that were known.
    package let versions: [VersionRecord]
    /// The ledger as it was read; nothing where it was not.
    package let ledger: LedgerSnapshot?
    /// What it was made from; nothing where nobody would remember it.
    let sight: RestSight?
}

/// Compares what the manifests ask for with what has been trained; changes nothing.
package struct PlanService {
    let workspace: Workspace

    /// Makes a service for a repository.
    package init(_ workspace: Workspace) { self.workspace = workspace }

    /// Plans the fine-tunes that are selected.
    package func plan(
        at revision: Workspace.Revision,
        selection: Selection = .all,
        _ scope: Sight = Sight()
    ) throws -> Planned {
        workspace.readAhead()
        let rule = scope.project ?? (workspace.isForStrangers ? .ownWithoutPlaces : .own)
        let desired = try workspace.desired(at: revision).governed(by: rule)
        let names = try selection.names(in: desired.state)
        let seen = isWhole(revision, selection, scope) ? SeenFiles(now: workspace.now().seconds * 1_000_000_000) : nil
        var resolver = try resolver(of: desired, seen)
        let resolved = try desired.withLines { try resolver.resolve(only: names) }
        let settings = try desired.withLines { try self.settings(desired.state.project, revision) }
        let git = seen == nil ? nil : try? GitStanding(workspace.repository, settings)
        let fineTunes = Dictionary(resolved.map { ($0.request.fineTune, $0) }) { first, _ in first }
        let (snapshot, sight) = look(settings)
        var origin = Plan.Origin(
            commit: desired.commit?.hex,
            branch: try isOnBranch(revision, settings) ? settings.branch : nil,
            uncommitted: desired.uncommitted,
            ledger: sight
        )
        origin.isUntrusted = workspace.isForStrangers
        var unusable: [Fingerprint: Diagnostic] = [:]
        let upstream = scope.refresh ? upstream(desired, of: names) : [:]
        let (versions, remoteBranch) = try versions([desired.commit] + scope.besides, settings)
        let me = try holder()
        var inputs = Planner.Inputs(
            origin: origin,
            requests: resolved.map(\.request),
            versions: versions,
            now: workspace.now(),
            project: desired.state.project,
            offset: ZoneClock.offset,
            ledger: snapshot?.entries ?? [:],
            ledgerRoot: snapshot?.root?.hex,
            me: me,
            declared: names == nil ? desired.state.fineTunes.mapValues(\.spec.destination) : nil,
            rowDifference: rowDifference(fineTunes, desired.project),
            stored: stored(desired.project) { unusable[$0] = $1 }
        )
        var uncounted: [ResourceName: Diagnostic] = [:]
        if !workspace.isForStrangers {
            inputs.count = counts(fineTunes) { uncounted[$0] = $1 }
            inputs.memory = MachineMemory(isTrainingHere: scope.trainsHere).ask
        }
        inputs.trial = TrialNotes(state: workspace.places.state).trial
        var away: Diagnostic?
        if scope.refresh { inputs.loss = loss(desired, snapshot, me: me) { away = $0 } }
        inputs.replacesLost = scope.replace
        inputs.bases = desired.state.baseModels.values.compactMap(Estimator.Base.init)
        let known = ItemFindings(desired.state, fineTunes, workspace.inspection)
        inputs.lengths = known.lengths
        inputs.findings = { item, estimator in
            [unusable[item.fingerprint], uncounted[item.request.fineTune], away].compactMap { $0 }
                + (upstream[item.request.inputs.dataset] ?? [])
                + known.findings(item, estimator)
        }
        var plan = Planner.plan(inputs)
        plan.unplanned = resolver.unplanned.names
        let others =
            desired.warnings + [away].compactMap { $0 } + resolver.unplanned.findings
            + upstream.sorted { $0.key < $1.key }.flatMap(\.value)
        plan.warnings += others.filter { !plan.warnings.contains($0) && !$0.isSilenced(by: desired.project) }
        plan.warnings = try desired.withLines(Self.byPlace(plan.warnings))
        workspace.keepMemory()
        return Planned(
            plan: plan,
            desired: desired,
            resolved: fineTunes,
            settings: settings,
            versions: versions,
            ledger: snapshot,
            sight: seen.flatMap { seen in git.map { RestSight(files: seen, git: $0, remoteBranch: remoteBranch) } }
        )
    }

    /// Findings about one place one behind the other; those about none come first.
    private static func byPlace(_ findings: [Diagnostic]) -> [Diagnostic] {
        let places = findings.enumerated().map { index, finding in
            let (line, column) = (finding.range?.start.line ?? 0, finding.range?.start.column ?? 0)
            return (key: (finding.range?.file ?? "", line, column, index), finding)
        }
        return places.sorted { $0.key < $1.key }.map(\.1)
    }

    /// What the fine-tunes of a commit ask for, those of some names or all, with their data rendered.
    func resolve(
        at revision: Workspace.Revision,
        only names: Set<ResourceName>? = nil
    ) throws -> [ResourceName: ResolvedFineTune] {
        let desired = try workspace.desired(at: revision)
        var resolver = try resolver(of: desired)
        let resolved = try desired.withLines { try resolver.resolve(only: names) }
        return Dictionary(resolved.map { ($0.request.fineTune, $0) }) { first, _ in first }
    }

    private func resolver(of desired: Workspace.Desired, _ seen: SeenFiles? = nil) throws -> Resolver {
        var bases = BaseReader(top: workspace.repository.workTree, cache: workspace.places.cache, seen: seen)
        if workspace.isForStrangers {
            (bases.commit, bases.limit) = (desired.files, try workspace.reading().limits.size)
        }
        return Resolver(state: desired.state, reader: try workspace.reader(of: desired, seen), bases: bases)
    }

    /// The settings of the repository, for a branch that is named as if it were checked out.
    private func settings(_ project: Located<Project>?, _ revision: Workspace.Revision) throws -> GitSettings {
        var settings = try GitSettings(project, in: workspace.repository)
        if project?.spec.git.branch == nil, case .named(let name) = revision,
            try workspace.repository.reference("refs/heads/\(name)") != nil
        {
            settings.branch = name
        }
        return settings
    }

    private func isOnBranch(_ revision: Workspace.Revision, _ settings: GitSettings) throws -> Bool {
        switch revision {
        case .present, .head: true
        case .named(let name): name == settings.branch || name == "HEAD"
        }
    }

    /// Reads the ledger; where it cannot be reached the plan goes on by what was last seen of it.
    private func look(_ settings: GitSettings) -> (LedgerSnapshot?, Plan.LedgerSight) {
        do {
            let snapshot = try Home(workspace.repository, settings: settings, memory: workspace.records).ledger.read()
            return (snapshot, snapshot.tip.map { .seen(tip: $0.hex) } ?? .none)
        } catch {
            let cached = try? RunLedger.lastSeen(
                in: workspace.repository,
                remote: settings.remote,
                reference: settings.ledger,
                memory: workspace.records
            )
            return (cached, .notSeen(reason: "\(error)"))
        }
    }

    /// The versions of some commits, and those that the branch has on the remote, with where it is there.
    private func versions(
        _ commits: [ObjectID?],
        _ settings: GitSettings
    ) throws -> (records: [VersionRecord], remoteBranch: ObjectID?) {
        var records: [VersionRecord] = []
        var known: Set<VersionKey> = []
        func add(_ found: [VersionRecord]) {
            let count = known.count
            for record in found { known.insert(VersionKey(model: record.model, id: record.id)) }
            // Nearly always there are versions of one commit alone, and each is there once.
            if records.isEmpty, known.count == count + found.count { return records = found }
            known = Set(records.map { VersionKey(model: $0.model, id: $0.id) })
            records += found.filter { known.insert(VersionKey(model: $0.model, id: $0.id)).inserted }
        }
        for case let commit? in commits {
            add(try PublishedVersions.read(workspace.repository, commit, workspace.records))
        }
        guard let name = settings.remote, let branch = settings.branch,
            let remote = try? workspace.repository.openRemote(name),
            let tip = try remote.reference("refs/heads/\(branch)")
        else { return (records, nil) }
        if !commits.contains(tip) { add(try PublishedVersions.read(remote, tip, workspace.records)) }
        return (records, tip)
    }

    private struct VersionKey: Hashable {
        let model: ModelName
        let id: VersionID
    }

    /// This machine's holder id, where it has a state folder already; a plan makes none.
    func holder() throws -> HolderID? {
        guard FileStatus.isFolder(workspace.places.state) else { return nil }
        return HolderID(rawValue: try StateFolder.open(workspace.places.state).holder)
    }

    /// What other repositories of this machine left in the store; what cannot be used of it is told.
    private func stored(
        _ project: Project,
        tell: @escaping (Fingerprint, Diagnostic) -> Void
    ) -> (Fingerprint) -> VersionRecord? {
        let results = SharedResults(store: workspace.store(project))
        return { fingerprint in
            do {
                return try results.find(fingerprint)
            } catch {
                tell(fingerprint, Diagnostic("unusable-result", "\(error)", severity: .warning))
                return nil
            }
        }
    }

    /// Counts tokens by the bases' own tokenizers; what keeps it from that is told.
    private func counts(
        _ resolved: [ResourceName: ResolvedFineTune],
        tell: @escaping (ResourceName, Diagnostic) -> Void
    ) -> (TrainingRequest) -> TokenCount? {
        var counter = TokenCounter(
            workspace.counting,
            places: workspace.places,
            top: workspace.repository.workTree
        )
        return { request in
            guard let rows = resolved[request.fineTune]?.data.train else { return nil }
            let (count, finding) = counter.count(request, rows)
            if let finding { tell(request.fineTune, finding) }
            return count
        }
    }

    private func rowDifference(
        _ resolved: [ResourceName: ResolvedFineTune],
        _ project: Project
    ) -> (TrainingRequest, VersionRecord.Inputs) -> RowDifference? {
        let store = workspace.store(project)
        var isAway = false
        return { request, version in
            guard let data = resolved[request.fineTune]?.data, let digest = version.rowDigests, !isAway else {
                return nil
            }
            if let added = data.rowsAdded(sinceTrain: version.train, validation: version.validation) {
                return RowDifference(added: added, removed: 0)
            }
            do {
                guard try store.has(digest) else { return nil }
                return try ComparedRows.rendered(data.rowDigests()).difference(from: .stored(store, digest))
            } catch {
                isAway = (error as? ArtifactError)?.isPassing ?? false
                return nil
            }
        }
    }
}

extension Workspace {
    /// The artifact store of a project: a folder, relative to the work tree where it is not absolute, or a bucket.
    func store(_ project: Project) -> ArtifactStore {
        guard let location = project.artifactStore else { return ArtifactStore(folder: places.artifacts) }
        if location.hasPrefix("/") { return ArtifactStore(folder: location) }
        // What is checked out may be what strangers wrote.
        guard !isForStrangers else { return ArtifactStore(folder: places.artifacts) }
        let bucket = try? ArtifactStore(
            location: location,
            cache: places.cache,
            state: places.state,
            environment: ProcessEnvironment.variables
        )
        return bucket ?? ArtifactStore(folder: (repository.workTree ?? repository.gitDirectory) + "/" + location)
    }
}

extension Estimator.Base {
    /// A base model of which the size is known.
    fileprivate init?(_ base: Located<BaseModel>) {
        guard let parameters = base.spec.parameters else { return nil }
        let pairs = FineTune.Backend.allCases.compactMap { backend in
            base.spec.hardware(of: backend).map { (backend, $0) }
        }
        self.init(
            name: base.name,
            parameters: parameters,
            hardware: Dictionary(pairs) { first, _ in first },
            context: base.spec.context
        )
    }
}
