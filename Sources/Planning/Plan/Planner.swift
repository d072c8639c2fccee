//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Resources

/// Decides what is to be done about each fine-tune: a pure function of what is asked for and what is known.
package struct Planner {
    /// All that a plan depends on.
    package struct Inputs {
        /// Where the desired state was read.
        package var origin: Plan.Origin
        /// What is asked for.
        package var requests: [TrainingRequest]
        /// The versions of the branch.
        package var versions: [VersionRecord]
        /// The time of the plan.
        package var now: Timestamp
        /// The project, where the repository has one.
        package var project: Located<Project>?
        /// Seconds by which a time zone is ahead of UTC at a time; nothing where there is no such zone.
        package var offset: (String, Timestamp) -> Int64?
        /// The ledger's runs.
        package var ledger: [Fingerprint: RunEntry]
        /// The ledger's root commit, from which runs have their ids; nothing while there is none.
        package var ledgerRoot: String?
        /// The state folder of this machine; nothing where it has none yet.
        package var me: HolderID?
        /// The bases that there are, for estimates of those that were never trained.
        package var bases: [Estimator.Base] = []
        /// How long the rows are, as they are packed; nothing where nobody knows. It is asked only where rows are packed,
        /// or there is memory that they have to fit into, as it may cost a look at them.
        package var lengths: (TrainingRequest) -> RowLengths? = { _ in nil }
        /// What is worth knowing about an item that is to be trained; asked of those alone, as it may cost a look at rows.
        package var findings: (PlanItem, Estimator) -> [Diagnostic] = { _, _ in [] }
        /// All fine-tunes of the manifests with their destinations; nothing where only some of them are planned, so
        /// that nobody can say which versions nothing asks for.
        package var declared: [ResourceName: ModelName]?
        /// What store or destination lost of a version; nothing where it has all, or nobody looked.
        package var loss: (VersionRecord) -> String?
        /// Whether a version that was lost is trained again.
        package var replacesLost = false
        /// The rows that came and went since a version that has row digests; nothing where those are not at hand. It is
        /// asked only where rows differ, as it may cost a pass over them.
        package var rowDifference: (TrainingRequest, VersionRecord.Inputs) -> RowDifference?
        /// The result of a fingerprint that other repositories of this machine left in the store; asked only for one that
        /// this repository has never trained.
        package var stored: (Fingerprint) -> VersionRecord?
        /// What the base's own tokenizer counts; nothing where it is not at hand. It is asked only for what is to be
        /// trained, as it may cost seconds.
        package var count: (TrainingRequest) -> TokenCount? = { _ in nil }
        /// What trying a fingerprint took on this machine; asked only for what is to be trained.
        package var trial: (Fingerprint) -> Trial? = { _ in nil }
        /// The memory of this machine's device; nothing where nobody knows, or it does not count. It is asked only for
        /// what is to be trained on a base that does not say how much there is.
        package var memory: () -> DeviceMemory? = { nil }

        /// Makes the inputs of a plan.
        package init(
            origin: Plan.Origin,
            requests: [TrainingRequest],
            versions: [VersionRecord],
            now: Timestamp,
            project: Located<Project>? = nil,
            offset: @escaping (String, Timestamp) -> Int64? = { _, _ in nil },
            ledger: [Fingerprint: RunEntry] = [:],
            ledgerRoot: String? = nil,
            me: HolderID? = nil,
            declared: [ResourceName: ModelName]? = nil,
            loss: @escaping (VersionRecord) -> String? = { _ in nil },
            rowDifference: @escaping (TrainingRequest, VersionRecord.Inputs) -> RowDifference? = { _, _ in nil },
            stored: @escaping (Fingerprint) -> VersionRecord? = { _ in nil }
        ) {
            self.origin = origin
            self.requests = requests
            self.versions = versions
            self.now = now
            self.project = project
            self.offset = offset
            self.ledger = ledger
            self.ledgerRoot = ledgerRoot
            self.me = me
            self.declared = declared
            self.loss = loss
            self.rowDifference = rowDifference
            self.stored = stored
        }
    }

    let inputs: Inputs
    private let index: VersionIndex
    let estimator: Estimator
    /// Trainer numbers under which a fingerprint is looked up, the present one first.
    private let trainers: [Int]

    private init(_ inputs: Inputs) {
        self.inputs = inputs
        index = VersionIndex(inputs.versions)
        estimator = Estimator(versions: inputs.versions, bases: inputs.bases)
        trainers = Self.trainers(inputs, known: index.trainers)
    }

    /// The plan.
    package static func plan(_ inputs: Inputs) -> Plan {
        let planner = Planner(inputs)
        var items: [PlanItem] = []
        var warnings = PlanWarnings(inputs.project)
        var training: [Fingerprint: ModelName] = [:]
        let parents = Set(inputs.requests.lazy.compactMap { $0.inputs.parent?.fineTune })
        var decided: [ResourceName: PlanItem] = [:]
        var gate = Gate(planner)
        for level in RequestOrder(inputs.requests).levels {
            for group in planner.groups(level, following: decided) {
                let parent = group.request.inputs.parent.flatMap { decided[$0.fineTune] }
                let item = planner.item(group, training: training, parent: parent, gate: &gate, &warnings)
                if item.action.isTraining { training[item.fingerprint] = item.destination }
                for name in item.fineTunes where parents.contains(name) { decided[name] = item }
                items.append(item)
            }
        }
        items += planner.orphans(wanted: Set(items.map(\.fingerprint)))
        return Plan(origin: inputs.origin, items: items, warnings: warnings.all)
    }

    private static func trainers(_ inputs: Inputs, known: Set<Int>) -> [Int] {
        guard (inputs.project?.spec.onTrainerChange ?? .keep) == .keep else { return [TrainerNumber.current] }
        let recorded = inputs.ledger.values.reduce(into: known) { trainers, entry in
            if let trainer = entry.version?.trainer { trainers.insert(trainer) }
        }
        let older = recorded.union(1...TrainerNumber.current).subtracting([TrainerNumber.current])
        return [TrainerNumber.current] + older.sorted(by: >)
    }

    private func item(
        _ group: RequestGroup,
        training: [Fingerprint: ModelName],
        parent: PlanItem?,
        gate: inout Gate,
        _ warnings: inout PlanWarnings
    ) -> PlanItem {
        let request = group.request
        let (fingerprint, wanted) = decide(group, training: training)
        var item = PlanItem(
            fineTunes: group.fineTunes,
            request: request,
            fingerprint: fingerprint,
            run: inputs.ledgerRoot.map { RunID.of(fingerprint, ledgerRoot: $0) },
            action: wanted
        )
        explain(&item)
        item.memory = memory(item)
        item.estimate?.memory = item.memory?.needed
        item.findings = (group.warning.map { [$0] } ?? []) + findings(item)
        let denied = warnings.add(item.findings)
        if let block = block(item, parent: parent, denied, &gate) { item.action = wanted.blocked(by: block) }
        return item
    }

    private func explain(_ item: inout PlanItem) {
        switch item.action {
        case .upToDate, .drifted, .orphaned: return
        case .evaluate(let version): item.reasons = [Differences.evaluation(item.request, since: version)]
        case .configure(let version): item.reasons = [Differences.stop(item.request, since: version)]
        case .create, .update, .blocked, .failed, .inProgress, .unknown, .reuse:
            let previous = index.newest(of: item.fineTunes, in: item.destination)
            // Without an earlier version, where it comes from says all about what is reused.
            if case .reuse = item.action, previous == nil { break }
            item.reasons = lost(item) + Differences.reasons(item.request, since: previous)
            item.rowDifference = rowDifference(item.request, since: previous)
        }
        switch item.action {
        case .create, .update, .blocked, .failed:
            item.request.counted = inputs.count(item.request)
            item.request.trial = inputs.trial(item.fingerprint)
            item.estimate = estimate(item.request)
        case .upToDate, .evaluate, .configure, .inProgress, .unknown, .reuse, .drifted, .orphaned: break
        }
    }

    /// Why the same is trained again.
    private func lost(_ item: PlanItem) -> [Reason] {
        guard inputs.replacesLost, let version = index.version(of: item.fingerprint, in: item.destination) else {
            return []
        }
        return inputs.loss(version).map { [Reason(field: "weights", new: "lost: \($0)")] } ?? []
    }

    private func estimate(_ request: TrainingRequest) -> Estimate {
        var request = request
        if request.counted == nil, request.inputs.parameters["pack_sequences"] == .bool(true) {
            request.lengths = inputs.lengths(request)
        }
        return estimator.estimate(request)
    }

    private func rowDifference(_ request: TrainingRequest, since version: VersionRecord?) -> RowDifference? {
        guard let version, version.inputs.rowDigests != nil,
            version.inputs.train != request.inputs.train
                || version.inputs.validation != request.inputs.validation
        else { return nil }
        return inputs.rowDifference(request, version.inputs)
    }
}

// MARK: - Decisions

extension Planner {
    private func decide(
        _ group: RequestGroup,
        training: [Fingerprint: ModelName]
    ) -> (Fingerprint, Action) {
        let request = group.request
        let candidates = [group.fingerprint] + trainers.dropFirst().map(request.fingerprint)
        for fingerprint in candidates {
            guard let version = index.version(of: fingerprint, in: request.destination) else { continue }
            if let entry = inputs.ledger[fingerprint], entry.isReplacing, let action = recorded(entry) {
                return (fingerprint, action)
            }
            if inputs.replacesLost, inputs.loss(version) != nil {
                return again(group)
            }
            return (fingerprint, current(version, request))
        }
        // A version of an older trainer is as good as one of the present; an older failure says nothing.
        let known = candidates.compactMap { candidate in elsewhere(candidate).map { (candidate, $0) } }
        let chosen = known.first { !$0.1.isFailed } ?? known.first { $0.0 == group.fingerprint }
        return chosen ?? (group.fingerprint, untrained(group, training: training))
    }

    /// What is done about a version that was lost: under the present trainer's number, which it may not have had.
    private func again(_ group: RequestGroup) -> (Fingerprint, Action) {
        let entry = inputs.ledger[group.fingerprint]
        let action = entry.flatMap { $0.state == .published ? nil : recorded($0) }
        return (group.fingerprint, action ?? .update)
    }

    private func current(_ version: VersionRecord, _ request: TrainingRequest) -> Action {
        if let reason = inputs.loss(version) { return .drifted(Action.Drift(version: version, reason: reason)) }
        if let wanted = request.evaluation?.digest, wanted != version.evaluation?.digest { return .evaluate(version) }
        return request.inputs.stop == version.inputs.stop ? .upToDate(version) : .configure(version)
    }

    /// What another destination, another branch or the ledger says of a fingerprint.
    private func elsewhere(_ fingerprint: Fingerprint) -> Action? {
        if let version = index.version(of: fingerprint) { return .reuse(.published(version)) }
        return inputs.ledger[fingerprint].flatMap(recorded)
    }

    private func recorded(_ entry: RunEntry) -> Action? {
        switch entry.state {
        case .claimed, .started, .paused: return .inProgress(progress(entry))
        case .trained: return entry.version.map { .reuse(.trained($0)) }
        case .published: return entry.version.map { .reuse(.published($0)) }
        case .failed: return .failed(Self.failed(entry))
        }
    }

    private func untrained(_ group: RequestGroup, training: [Fingerprint: ModelName]) -> Action {
        if let model = training[group.fingerprint] { return .reuse(.plan(model)) }
        if let record = inputs.stored(group.fingerprint) { return .reuse(.stored(record)) }
        return index.newest(of: group.fineTunes, in: group.request.destination) == nil ? .create : .update
    }

    private func progress(_ entry: RunEntry) -> Action.Progress {
        Action.Progress(
            state: entry.state,
            host: entry.holder.host,
            isOwn: entry.holder.id == inputs.me,
            since: entry.pausedSince ?? entry.attempts.last { $0.ended == nil }?.started,
            until: entry.holder.until,
            request: entry.request
        )
    }

    private static func failed(_ entry: RunEntry) -> Action.Failed {
        let costs = entry.attempts.compactMap(\.cost)
        return Action.Failed(
            failure: entry.failure ?? RunEntry.Failure(kind: "unknown", message: "the ledger does not say why"),
            attempts: entry.attempts.count,
            cost: costs.isEmpty ? nil : costs.reduce(.zero, +)
        )
    }
}

// MARK: - Groups

/// The requests of one fingerprint and one destination, which make one version.
struct RequestGroup {
    private(set) var fineTunes: [ResourceName]
    private(set) var request: TrainingRequest
    let fingerprint: Fingerprint

    init(_ request: TrainingRequest, _ fingerprint: Fingerprint) {
        (fineTunes, self.request, self.fingerprint) = ([request.fineTune], request, fingerprint)
    }

    mutating func add(_ other: TrainingRequest) {
        fineTunes.append(other.fineTune)
        if request.evaluation == nil { request.evaluation = other.evaluation }
    }

    /// Several fine-tunes that ask for the same are worth knowing about.
    var warning: Diagnostic? {
        guard fineTunes.count > 1 else { return nil }
        let names = fineTunes.map(\.rawValue).joined(separator: ", ")
        return Diagnostic(
            "same-training",
            "\(names) ask for the same training and destination; one version will name them all",
            severity: .warning,
            range: request.range
        )
    }
}

extension TrainingRequest {
    /// The request with the fingerprint under which what it goes on from was found, or will be trained.
    fileprivate func following(_ decided: [ResourceName: PlanItem]) -> TrainingRequest {
        guard let parent = inputs.parent, let item = decided[parent.fineTune] else { return self }
        var request = self
        request.inputs.parent?.fingerprint = item.fingerprint
        return request
    }
}

extension Planner {
    private struct GroupKey: Hashable {
        let fingerprint: Fingerprint
        let destination: ModelName
    }

    /// The requests at some places by what they ask for, each going on from what was decided of its parent.
    private func groups(_ level: [Int], following decided: [ResourceName: PlanItem]) -> [RequestGroup] {
        var places = [GroupKey: Int](minimumCapacity: level.count)
        var groups: [RequestGroup] = []
        groups.reserveCapacity(level.count)
        for place in level {
            let request = inputs.requests[place].following(decided)
            let key = GroupKey(fingerprint: request.fingerprint(), destination: request.destination)
            if let place = places[key] {
                groups[place].add(request)
            } else {
                places[key] = groups.count
                groups.append(RequestGroup(request, key.fingerprint))
            }
        }
        return groups
    }
}
