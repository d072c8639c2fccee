//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Artifacts
internal import Git
internal import Ledger
internal import POSIX
internal import Planning
internal import Resources
internal import Runs

/// Does what a plan says: claims, starts supervisors, watches, and finishes what others left trained.
package final class Applier {
    let workspace: Workspace
    let planned: Planned
    let options: ApplyOptions
    let reporter: ApplyReporter
    let publishing: Publishing
    let state: StateFolder
    let machine: Planning.Machine
    let store: ArtifactStore
    let commit: String
    let branch: String
    /// What was claimed when its turn came, so that a run that fails is tried again once at most.
    private var claimed: Set<Fingerprint> = []
    private var surveyed: [Device]?

    /// Prepares to apply a plan that was made from a commit; refuses what nothing could be published to.
    package init(_ workspace: Workspace, _ planned: Planned, options: ApplyOptions, reporter: ApplyReporter) throws {
        guard let commit = planned.desired.commit else {
            throw ReconcilerError(.repository, "the repository has no commit yet: commit the manifests first")
        }
        guard let branch = planned.settings.branch else {
            throw ReconcilerError(
                .repository,
                "HEAD is detached, so there is no branch to commit versions to: check one out, "
                    + "or name it in Project as `git: {branch: main}`"
            )
        }
        self.workspace = workspace
        self.planned = planned
        self.options = options
        self.reporter = reporter
        self.commit = commit.hex
        self.branch = branch
        let home = try Home(workspace.repository, settings: planned.settings, memory: workspace.records)
        state = try StateFolder.open(workspace.places.state)
        publishing = try Publishing(home, state: state.path)
        machine = Planning.Machine(id: HolderID(rawValue: state.holder), host: state.host.name)
        if options.push, planned.settings.push { try Self.checkRemote(publishing, planned, branch) }
        store = workspace.store(planned.desired.project)
        if let refusal = RunnerRule.refusal(environment: ProcessEnvironment.variables, store: store.location) {
            throw ReconcilerError(.repository, refusal)
        }
    }

    /// A remote whose branch is checked out cannot be pushed to, which is better known before something is trained.
    private static func checkRemote(_ publishing: Publishing, _ planned: Planned, _ branch: String) throws {
        guard let remote = publishing.home.remote, planned.plan.hasChanges || planned.plan.count("in-progress") > 0,
            try remote.repository.isCheckedOut("refs/heads/\(branch)")
        else { return }
        let place = remote.repository.workTree ?? remote.repository.gitDirectory
        throw ReconcilerError(
            .repository,
            "\(branch) is checked out at remote `\(remote.name)`, in \(place), whose files would stay behind a push: "
                + "check out another branch there, make it a bare repository, or say --no-push"
        )
    }

    /// Applies the plan, item after item, and tells what became of each.
    package func run() throws -> [ApplyResult] {
        do {
            let publisher = publishing.publisher(branch: branch, push: pushes)
            try publisher.recover()
            if try publisher.pushVersions() { reporter.say("pushed versions that were on \(branch) here only") }
        } catch {
            reporter.say("\(error)")
        }
        try finishLeftovers()
        let items = planned.plan.items
        var results = items.indices.map { turn(items[$0...], waits: false) }
        guard options.wait else { return results }
        // Waiting comes last, so that nothing that can be done here waits for another machine.
        for index in items.indices where results[index].isHeld { results[index] = turn(items[index...], waits: true) }
        return results
    }

    /// Gives the first of the items its turn. What goes wrong with it is its own result, and the others go on.
    private func turn(_ items: ArraySlice<PlanItem>, waits: Bool) -> ApplyResult {
        let item = items[items.startIndex]
        if reporter.shouldLeave() { return result(item, .notStarted, "not reached") }
        var absence = Absence(reporter: reporter)
        while true {
            do {
                return try apply(items, waits: waits)
            } catch let error as GitError where error.code == .unreachableRemote && options.wait {
                guard waits, absence.wait(after: error) else {
                    var held = result(item, .skipped, "\(error)")
                    held.isHeld = !waits
                    return held
                }
            } catch {
                return result(item, .failed, "\(error)")
            }
        }
    }

    private func apply(_ items: ArraySlice<PlanItem>, waits: Bool) throws -> ApplyResult {
        let item = items[items.startIndex]
        switch item.action {
        case .create, .update, .reuse(.stored): return try judged(item, try train(items, waits: waits))
        case .failed(let failed):
            if options.retryFailed { return try failed.block.map { blocked(item, $0) } ?? train(items, waits: waits) }
            let told = "\(failed.failure.kind): \(failed.failure.message); try again with ftops apply --retry-failed"
            var result = result(item, .failed, told, cost: failed.cost)
            result.failure = failed.failure.kind
            return result
        case .inProgress: return try goOn(item, waits: waits)
        case .reuse(let source): return try reuse(item, source)
        case .evaluate(let record): return try evaluate(item, record)
        case .configure(let record): return try configure(item, record)
        case .upToDate(let record):
            var result = result(item, .upToDate, Self.label(record))
            result.version = record
            return result
        case .drifted(let drift): return try recover(item, drift)
        case .unknown, .orphaned, .blocked: return untouched(item)
        }
    }

    /// What became of an item that nothing can be done about here.
    private func untouched(_ item: PlanItem) -> ApplyResult {
        switch item.action {
        case .unknown(let unknown):
            let asked = "nobody can say whether \(unknown.backend.rawValue) took the run"
            return result(item, .failed, "\(asked); ftops resolve \(item.fineTunes.first?.rawValue ?? "") settles it")
        case .blocked(let block): return blocked(item, block)
        case .orphaned: return result(item, .skipped, "no fine-tune asks for it")
        case .create, .update, .reuse, .evaluate, .configure, .upToDate, .inProgress, .failed, .drifted:
            return result(item, .skipped, "there is nothing to do")
        }
    }

    private func blocked(_ item: PlanItem, _ block: Action.Block) -> ApplyResult {
        var blocked = result(item, .skipped, "\(block.kind.rawValue): \(block.reason)")
        blocked.isBlocked = block.kind.failsApply
        return blocked
    }

    // MARK: Training

    /// This machine's devices, looked for once.
    func devices() throws -> [Device] {
        if let surveyed { return surveyed }
        let found = try DeviceSurvey(environment: ProcessEnvironment.variables).devices()
        surveyed = found
        return found
    }

    /// The kind of device that jobs are made for here.
    func kind() throws -> Device.Kind { try devices().contains(.cpu) ? .cpu : .cuda }

    /// Claims the first item, with what follows it and can start within the hour, and trains it.
    private func train(_ items: ArraySlice<PlanItem>, waits: Bool) throws -> ApplyResult {
        // What cannot be trained here is not claimed, so that another machine may have it.
        _ = try devices()
        let item = items[items.startIndex]
        if !item.action.isReuse, let block = item.memory?.block { return blocked(item, block) }
        guard try isReady(item) else { return try waiting(item) }
        // Its turn may come long after the plan was made.
        let rule = WindowRule(planned.desired.state.project, offset: ZoneClock.offset)
        if !item.action.isReuse, let block = rule.block(at: workspace.now()) { return blocked(item, block) }
        let wanted = try items.filter { try needsClaim($0) && !claimed.contains($0.fingerprint) && isReady($0) }
        claimed.insert(item.fingerprint)
        let claims = Claims(
            home: home,
            machine: machine,
            retryFailed: options.retryFailed,
            replaceable: options.replace ? planned.ledger?.entries ?? [:] : [:],
            spending: spending,
            now: workspace.now
        )
        if let block = try claims.take(wanted, commit: commit, branch: branch) { return blocked(item, block) }
        return try goOn(item, waits: waits)
    }

    private var spending: (limit: Money, range: SourceRange?)? {
        guard let project = planned.desired.state.project, let limit = project.spec.spending.perMonth else {
            return nil
        }
        return (limit, project.fields["spec.budget.per_month"] ?? project.range)
    }

    private func needsClaim(_ item: PlanItem) -> Bool {
        switch item.action {
        case .create, .update: item.memory?.block == nil
        case .reuse(.stored): true
        case .failed(let failed): options.retryFailed && failed.block == nil && item.memory?.block == nil
        case .reuse, .evaluate, .configure, .upToDate, .inProgress, .unknown, .drifted, .orphaned, .blocked: false
        }
    }

    /// Goes on with a run from wherever the ledger has it now.
    private func goOn(_ item: PlanItem, waits: Bool) throws -> ApplyResult {
        guard let entry = try home.ledger.read().entries[item.fingerprint] else {
            return result(item, .skipped, "its claim was given up; run ftops apply again")
        }
        if entry.holder.id == machine.id { return try carry(item, entry) }
        switch entry.state {
        case .trained, .published: return try conclude(item, entry)
        case .failed: return failed(item, entry)
        case .claimed, .started, .paused: return try elsewhere(item, entry, waits: waits)
        }
    }

    /// Carries a run of this machine to its end.
    private func carry(_ item: PlanItem, _ entry: RunEntry) throws -> ApplyResult {
        guard let run = try home.ledger.read().runID(of: item.fingerprint),
            let resolved = item.fineTunes.first.flatMap({ planned.resolved[$0] })
        else { return result(item, .skipped, "the ledger has no such run") }
        let folder = state.run(run.rawValue)
        if entry.state == .paused, entry.pausedBy != nil { return paused(item, entry, folder) }
        try folder.make()
        if entry.state == .claimed, entry.isReplacing { try forgetLost(folder) }
        if entry.state == .claimed || !folder.isPrepared {
            let preparation = RunPreparation(
                workspace: workspace,
                publishing: publishing,
                store: store,
                terms: terms(of: item),
                device: try kind()
            )
            try preparation.fill(
                folder,
                item,
                resolved,
                entry: entry,
                parent: try parent(of: item),
                model: model(item.destination),
                push: options.push
            )
        }
        return try watch(item, folder)
    }

    private func watch(_ item: PlanItem, _ folder: RunFolder) throws -> ApplyResult {
        let watcher = RunWatcher(
            home: home,
            supervisors: supervisors(of: item),
            machine: machine,
            now: workspace.now,
            reporter: reporter
        )
        let name = item.fineTunes.first ?? ResourceName(rawValue: folder.id)
        switch try watcher.follow(name, item.fingerprint, in: folder) {
        case .published(let entry): return try conclude(item, entry)
        case .trained(let entry, let notes):
            guard entry.version?.model == item.destination else { return try conclude(item, entry) }
            return finished(item, entry, .done, "trained, not published yet: \(notes)")
        case .failed(let entry): return failed(item, entry)
        case .paused(let entry): return paused(item, entry, folder)
        case .lost(let entry):
            return result(item, .skipped, "now held by \(entry?.holder.host ?? "nobody"); run ftops apply again")
        case .stuck(let words): return result(item, .failed, words)
        case .left:
            return result(item, .running, "ftops apply watches it")
        }
    }

    private func failed(_ item: PlanItem, _ entry: RunEntry) -> ApplyResult {
        let (kind, message) = (entry.failure?.kind ?? "unknown", entry.failure?.message ?? "")
        let name = item.fineTunes.first?.rawValue ?? entry.fingerprint.short
        return finished(item, entry, .failed, "\(kind): \(message); see ftops logs \(name)")
    }

    private func elsewhere(_ item: PlanItem, _ entry: RunEntry, waits: Bool) throws -> ApplyResult {
        if let waiting = pausedElsewhere(item, entry) { return waiting }
        let takeover = Takeover(home: home, machine: machine, now: workspace.now, reporter: reporter)
        switch try takeover.attempt(entry, wait: waits) {
        case .mine(let entry): return try carry(item, entry)
        case .ended(let entry):
            return entry.version == nil ? failed(item, entry) : try conclude(item, entry)
        case .gone: return result(item, .skipped, "its claim was given up; run ftops apply again")
        case .held(let holder):
            let wait = options.wait ? "" : "; ftops apply --wait waits for it"
            var held = result(item, .skipped, "in progress on \(holder.host)\(wait)")
            held.isHeld = true
            return held
        case .left:
            return result(item, .notStarted, "in progress on \(entry.holder.host)")
        }
    }

    // MARK: Results

    var home: Home { publishing.home }

    private func terms(of item: PlanItem) -> RunTerms {
        let project = planned.desired.state.project?.spec
        return RunTerms(
            limits: RunLimits(item.request.terms.budget, perRun: project?.spending.perRun),
            pricePerHour: item.request.pricePerHour,
            tracking: project?.tracking ?? []
        )
    }

    private func supervisors(of item: PlanItem) -> SupervisorProcess {
        var supervisors = supervisors
        supervisors.terms = terms(of: item)
        return supervisors
    }

    var supervisors: SupervisorProcess { SupervisorProcess(workspace: workspace, home: home, store: store) }

    func model(_ name: ModelName) -> Model { planned.desired.state.models[name]?.spec ?? Model() }

    func result(
        _ item: PlanItem,
        _ outcome: ApplyResult.Outcome,
        _ detail: String,
        cost: Money? = nil
    ) -> ApplyResult {
        ApplyResult(
            fineTunes: item.fineTunes,
            destination: item.destination,
            action: item.action.word,
            outcome: outcome,
            detail: detail,
            cost: cost,
            isGated: item.request.evaluation?.gate.isEmpty == false
        )
    }

    func finished(
        _ item: PlanItem,
        _ entry: RunEntry,
        _ outcome: ApplyResult.Outcome,
        _ detail: String
    ) -> ApplyResult {
        var result = result(item, outcome, detail)
        let costs = entry.attempts.compactMap(\.cost)
        result.version = entry.version
        result.failure = entry.failure?.kind
        // What was never attempted was reused.
        let isFree = entry.version != nil && entry.attempts.isEmpty
        result.cost = costs.isEmpty && !isFree ? nil : costs.reduce(.zero, +)
        result.seconds = entry.attempts.reduce(0) { sum, attempt in
            sum + Double((attempt.ended ?? attempt.started).seconds - attempt.started.seconds)
        }
        return result
    }

    static func label(_ record: VersionRecord) -> String { "\(record.label) @\(record.id.short)" }
}
