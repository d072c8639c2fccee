//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Datasets
internal import Git
internal import Manifests
package import Planning
package import Resources

/// A fine-tune with all that it refers to: its data rendered, its hyperparameters merged, its base known.
///
/// It is large, and passed on as it is from hand to hand.
package final class ResolvedFineTune {
    /// What is asked for, as the plan compares it.
    package let request: TrainingRequest
    /// The rendered rows.
    package let data: RenderedDataset
    /// What the rows were rendered by, compiled.
    package let template: CompiledTemplate

    init(request: TrainingRequest, data: RenderedDataset, template: CompiledTemplate) {
        self.request = request
        self.data = data
        self.template = template
    }
}

/// Makes training requests of a desired state: renders data once for each dataset and template, and merges profiles.
package struct Resolver {
    private struct DataKey: Hashable {
        let dataset: ResourceName
        let limit: Int?
        let template: ResourceName?
    }

    private let state: DesiredState
    private let reader: DatasetReader
    private let bases: BaseReader
    private var rendered: [DataKey: (data: RenderedDataset, template: CompiledTemplate)] = [:]
    private var templates: [ResourceName: CompiledTemplate] = [:]
    private var identities: [ResourceName: String] = [:]
    private var resolved: [ResourceName: ResolvedFineTune] = [:]
    private var problems: [Diagnostic] = []
    /// Those that cannot be planned as something is not read for them.
    private(set) var unplanned = UnplannedFineTunes()

    /// Makes a resolver of what manifests ask for.
    init(state: DesiredState, reader: DatasetReader, bases: BaseReader) {
        self.state = state
        self.reader = reader
        self.bases = bases
    }

    /// Resolves the fine-tunes of the given names, or all; the errors of all of them are reported together.
    package mutating func resolve(only names: Set<ResourceName>? = nil) throws -> [ResolvedFineTune] {
        let wanted = state.fineTunes.keys.sorted().filter { names?.contains($0) ?? true }
        var seen: Set<ResourceName> = []
        for fineTune in wanted.compactMap({ state.fineTunes[$0] }) {
            // What others go on from comes first, as their fingerprints have its own.
            for next in state.lineage(of: fineTune, unless: { !seen.insert($0.name).inserted }).reversed() {
                do {
                    try checkParent(of: next)
                    resolved[next.name] = try resolve(next)
                } catch let unread as Unread {
                    unplanned.add(next.name, unread)
                }
            }
        }
        guard problems.isEmpty else {
            let count = problems.count == 1 ? "1 error" : "\(problems.count) errors"
            throw ReconcilerError(.invalid, "what the manifests refer to has \(count)", diagnostics: problems)
        }
        return wanted.compactMap { resolved[$0] }
    }

    /// What goes on from a fine-tune that cannot be planned cannot be planned itself.
    private func checkParent(of fineTune: Located<FineTune>) throws {
        guard let parent = state.parent(of: fineTune), unplanned.contains(parent.name) else { return }
        throw Unread(
            reason: "its base \(parent.name) is not",
            range: fineTune.fields["spec.base"] ?? fineTune.range
        )
    }

    private mutating func resolve(_ located: Located<FineTune>) throws -> ResolvedFineTune? {
        let spec = located.spec
        guard let whole = state.datasets[spec.dataset] else { return nil }
        let dataset = spec.limit == nil ? whole : whole.limited(to: spec.limit)
        guard
            let (data, template) = try data(dataset, for: located)
        else { return nil }
        check(located, by: template)
        guard let start = start(of: located), let identity = try identity(of: start.base, asked: located) else {
            return nil
        }
        var inputs = inputs(spec, base: start.base, identity: identity, dataset: dataset, data: data)
        inputs.parent = start.parent
        checkValidation(inputs, of: located)
        checkPacking(inputs, of: located)
        checkGate(inputs, of: located)
        let backend = spec.backend ?? state.project?.spec.defaultBackend ?? .node
        var request = TrainingRequest(
            fineTune: located.name,
            destination: spec.destination,
            backend: backend,
            gpus: spec.gpus,
            inputs: inputs,
            tokensPerEpoch: data.train.tokens,
            evaluation: spec.evaluation,
            hardware: start.base.spec.hardware(of: backend),
            pricePerGPUHour: state.project?.spec.pricePerGPUHour,
            terms: terms(located, on: start.base),
            range: located.range
        )
        request.steps = data.steps
        return ResolvedFineTune(request: request, data: data, template: template)
    }

    private func terms(_ located: Located<FineTune>, on base: Located<BaseModel>) -> TrainingTerms {
        TrainingTerms(
            budget: located.spec.budget,
            license: base.spec.license,
            unpinned: base.spec.isPinned ? [] : ["base model \(base.name), whose files may change without a commit,"],
            memory: base.fields["spec.node.hardware.memory"],
            suspension: located.spec.suspension,
            fields: located.fields
        )
    }

    /// The BaseModel that a fine-tune comes down to, and the fine-tune in between; nothing where that one is faulty.
    private func start(of located: Located<FineTune>) -> (base: Located<BaseModel>, parent: VersionRecord.Parent?)? {
        guard let parent = state.parent(of: located) else {
            return state.baseModels[located.spec.base].map { ($0, nil) }
        }
        guard let request = resolved[parent.name]?.request, let base = state.baseModels[request.inputs.base] else {
            return nil
        }
        return (base, VersionRecord.Parent(fineTune: parent.name, fingerprint: request.fingerprint()))
    }

    private func inputs(
        _ spec: FineTune,
        base: Located<BaseModel>,
        identity: String,
        dataset: Located<Dataset>,
        data: RenderedDataset
    ) -> VersionRecord.Inputs {
        VersionRecord.Inputs(
            base: base.name,
            baseIdentity: identity,
            baseSource: base.spec.node?.source,
            dataset: dataset.name,
            source: dataset.spec.source.text,
            sourceDigest: dataset.spec.sha256 ?? data.sourceDigest,
            train: data.train.digest,
            trainRows: data.train.count,
            validation: data.validation?.digest,
            validationRows: data.validation?.count ?? 0,
            template: spec.template,
            form: data.form,
            stop: spec.template.flatMap { state.templates[$0]?.spec.stop } ?? [],
            parameters: HyperparameterTable.resolved(parameters(spec))
        )
    }

    /// Finds a split that leaves no rows for the validation losses that are to decide something.
    private mutating func checkValidation(_ inputs: VersionRecord.Inputs, of located: Located<FineTune>) {
        let decisive = HyperparameterTable.decidedByValidation { inputs.parameters[$0] }
        guard let decisive, inputs.validationRows == 0 else { return }
        let range = state.place(of: decisive.name, in: located) ?? located.range
        let message =
            "`\(decisive.text)` needs validation losses, and dataset `\(inputs.dataset)` has no validation rows"
        report(Diagnostic("needs-validation", message, range: range))
    }

    /// Finds a gate that nothing would measure, by which no version could ever be good enough.
    private mutating func checkGate(_ inputs: VersionRecord.Inputs, of located: Located<FineTune>) {
        guard let evaluation = located.spec.evaluation, inputs.validationRows == 0 else { return }
        let losses = [Evaluation.Metric.loss, .perplexity].map(\.rawValue)
        for gate in evaluation.gate where losses.contains(gate.metric) || evaluation.prompts.isEmpty {
            let message =
                "the gate's `\(gate.metric)` needs rows that validate, and dataset `\(inputs.dataset)` has none"
            let range = located.fields["spec.evaluation.gate"] ?? located.fields["spec.evaluation"] ?? located.range
            report(Diagnostic("needs-validation", message, range: range))
        }
    }

    /// Finds rows of two answers that are to be packed.
    private mutating func checkPacking(_ inputs: VersionRecord.Inputs, of located: Located<FineTune>) {
        guard inputs.form.isPreference, inputs.parameters["pack_sequences"] == .bool(true) else { return }
        let range = state.place(of: "pack_sequences", in: located) ?? located.range
        let message =
            "`pack_sequences` packs rows of one answer, and those of dataset `\(inputs.dataset)` have `chosen` and "
            + "`rejected`"
        report(Diagnostic("conflicting-fields", message, range: range))
    }

    /// Finds evaluation prompts that lack a field of the template, before anything is claimed.
    private mutating func check(_ located: Located<FineTune>, by template: CompiledTemplate) {
        guard let evaluation = located.spec.evaluation else { return }
        do {
            _ = try EvaluationJob.make(evaluation, template: template, stop: [])
        } catch {
            let range = located.fields["spec.evaluation.prompts"] ?? located.range
            report(Diagnostic("bad-evaluation-prompt", error.message, range: range))
        }
    }

    private func parameters(_ spec: FineTune) -> [String: HyperparameterValue] {
        let profile = spec.profile.flatMap { state.hyperparameters[$0]?.spec.values } ?? [:]
        return profile.merging(spec.hyperparameters) { $1 }
    }

    // MARK: Bases

    private mutating func identity(of base: Located<BaseModel>, asked: Located<FineTune>) throws -> String? {
        if let known = identities[base.name] { return known }
        do {
            let identity = try BaseIdentity.of(base.spec, named: base.name, files: try bases.digest(of: base))
            identities[base.name] = identity
            return identity
        } catch let error as PlanningError {
            report(Diagnostic("base-without-identity", error.message, range: base.range))
            return nil
        }
    }

    // MARK: Data

    private mutating func data(
        _ dataset: Located<Dataset>,
        for fineTune: Located<FineTune>
    ) throws -> (data: RenderedDataset, template: CompiledTemplate)? {
        let template = fineTune.spec.template
        let key = DataKey(dataset: dataset.name, limit: dataset.spec.limit, template: template)
        if let known = rendered[key] { return known }
        let compiled = template.flatMap { compile($0) }
        if template != nil, compiled == nil { return nil }
        do {
            let manifest = template.flatMap { state.templates[$0] }
            let recipe = RowRecipe(template: compiled, manifest: manifest, fineTune: fineTune)
            let data = try reader.render(dataset, by: recipe)
            rendered[key] = (try? CompiledTemplate(Template(form: data.form))).map { (data, $0) }
            return rendered[key]
        } catch let error as ReconcilerError where error.code == .invalid {
            for problem in error.diagnostics { report(problem) }
            return nil
        }
    }

    private mutating func compile(_ name: ResourceName) -> CompiledTemplate? {
        if let known = templates[name] { return known }
        guard let template = state.templates[name] else { return nil }
        let compiled = try? CompiledTemplate(template.spec)
        templates[name] = compiled
        return compiled
    }

    private mutating func report(_ problem: Diagnostic) {
        if !problems.contains(problem) { problems.append(problem) }
    }
}
