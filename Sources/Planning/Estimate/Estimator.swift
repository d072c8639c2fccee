//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Resources

/// Tokens, steps, time and cost of a training.
///
/// What was tried tells best. Where three versions or more of the same base were trained on the same hardware, they tell
/// what to expect, as a range. Else what the BaseModel's `hardware` says holds; what it leaves open is taken from the
/// versions there are, or from another base, scaled by the number of parameters. Where nothing is known, time and cost
/// stay unknown.
package struct Estimator: Sendable {
    /// What is known of a base beside its versions: what another one is scaled from.
    package struct Base: Hashable, Sendable {
        /// The BaseModel's name.
        package var name: ResourceName
        /// Its number of parameters.
        package var parameters: Double
        /// What it is trained on, by backend.
        package var hardware: [FineTune.Backend: BaseModel.Hardware]
        /// How many tokens it reads; nothing where nobody knows.
        package var context: Int?

        /// Makes a base.
        package init(
            name: ResourceName,
            parameters: Double,
            hardware: [FineTune.Backend: BaseModel.Hardware],
            context: Int? = nil
        ) {
            self.name = name
            self.parameters = parameters
            self.hardware = hardware
            self.context = context
        }
    }

    /// So many versions make a range.
    static let enough = 3

    private let known: KnownThroughputs
    private var throughputs: Throughputs { known.value }
    let bases: [ResourceName: Base]

    /// Makes an estimator that knows the repository's versions, and its bases.
    package init(versions: [VersionRecord], bases: [Base] = []) {
        known = KnownThroughputs(versions)
        self.bases = Dictionary(bases.map { ($0.name, $0) }) { first, _ in first }
    }

    /// What a request takes.
    package func estimate(_ request: TrainingRequest) -> Estimate {
        let steps = TrainingSteps(request)
        let pace = pace(request)
        var estimate = Estimate(
            tokens: Int(exactly: steps.tokens.rounded()) ?? Int.max,
            steps: steps.count,
            areStepsExact: steps.isExact,
            seconds: nil,
            cost: nil
        )
        estimate.areTokensCounted = request.counted != nil
        estimate.packs = steps.packs
        Self.time(&estimate, of: steps.tokens, pace, request)
        return estimate
    }

    /// An estimate of a request with time and cost by what trying it took.
    package static func estimate(_ estimate: Estimate, of request: TrainingRequest, by trial: Trial) -> Estimate {
        var estimate = estimate
        time(&estimate, of: Double(estimate.tokens), Pace(trial), request)
        return estimate
    }

    private static func time(
        _ estimate: inout Estimate,
        of tokens: Double,
        _ pace: Pace?,
        _ request: TrainingRequest
    ) {
        estimate.basis = pace?.basis ?? .none
        estimate.seconds = pace?.seconds(of: tokens)
        estimate.secondsRange = pace?.range(of: tokens)
        estimate.costRange = nil
        estimate.cost = estimate.seconds.flatMap { cost(of: $0, request) }
        if let range = estimate.secondsRange, let low = cost(of: range.low, request),
            let high = cost(of: range.high, request)
        {
            estimate.costRange = Estimate.Range(low: low, high: high)
        }
    }

    private func pace(_ request: TrainingRequest) -> Pace? {
        if let trial = request.trial { return Pace(trial) }
        let own = throughputs.samples(of: request)
        if own.count >= Self.enough { return Pace(own, basis: .learned(versions: own.count)) }
        let startup = request.hardware?.startup.map(Self.seconds)
        if let rate = request.hardware?.tokensPerSecond {
            return Pace(rate: rate, startup: startup ?? Pace.startup(own), basis: .stated)
        }
        if let learned = Pace(own, basis: .learned(versions: own.count), startup: startup) { return learned }
        return scaled(request, startup: startup)
    }

    /// The pace of the base that is nearest in size, as many times slower as this one has more parameters.
    private func scaled(_ request: TrainingRequest, startup: Double?) -> Pace? {
        guard let size = bases[request.inputs.base]?.parameters, size > 0 else { return nil }
        let learned = throughputs.samples(like: request)
        let known = bases.values.filter { $0.name != request.inputs.base && $0.parameters > 0 }
            .sorted { (Self.distance($0.parameters, size), $0.name) < (Self.distance($1.parameters, size), $1.name) }
        for base in known {
            let (basis, factor) = (Estimate.Basis.scaled(from: base.name), base.parameters / size)
            if let pace = Pace(learned[base.name] ?? [], basis: basis, startup: startup, factor: factor) { return pace }
            guard let hardware = base.hardware[request.backend], let rate = hardware.tokensPerSecond else { continue }
            let start = startup ?? hardware.startup.map(Self.seconds) ?? 0
            return Pace(rate: rate * factor, startup: start, basis: basis)
        }
        return nil
    }

    private static func distance(_ one: Double, _ other: Double) -> Double { max(one / other, other / one) }

    private static func cost(of seconds: Double, _ request: TrainingRequest) -> Money? {
        if let price = request.hardware?.pricePerMinute { return money(price, times: seconds / 60) }
        return request.pricePerGPUHour.flatMap { money($0, times: Double(request.gpus) * seconds / 3600) }
    }

    /// A price for so many units; nothing where no amount can say it.
    private static func money(_ price: Money, times units: Double) -> Money? {
        Int64(exactly: (Double(price.micros) * units).rounded()).map(Money.init(micros:))
    }

    private static func seconds(_ duration: Duration) -> Double {
        Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
    }
}

/// How fast tokens are trained: one pace, or those of several versions.
private struct Pace {
    let basis: Estimate.Basis
    private var rates: [Double]
    private var startups: [Double]

    init?(rate: Double, startup: Double, basis: Estimate.Basis) {
        guard rate > 0 else { return nil }
        self.basis = basis
        rates = [rate]
        startups = [startup]
    }

    init?(_ trial: Trial) {
        self.init(rate: trial.tokensPerSecond, startup: trial.startup, basis: .tried(steps: trial.steps))
    }

    init?(_ samples: [Throughputs.Sample], basis: Estimate.Basis, startup: Double? = nil, factor: Double = 1) {
        guard !samples.isEmpty else { return nil }
        self.basis = basis
        rates = samples.map { $0.tokensPerSecond * factor }
        let usual = startup ?? Self.startup(samples)
        startups = samples.map { startup ?? $0.startup ?? usual }
    }

    /// What starting takes, in the middle.
    static func startup(_ samples: [Throughputs.Sample]) -> Double {
        Quantile.median(samples.compactMap(\.startup)) ?? 0
    }

    func seconds(of tokens: Double) -> Double? { Quantile.median(times(tokens)) }

    /// What nine in ten of the versions would have stayed above and below, once there are enough of them.
    func range(of tokens: Double) -> Estimate.Range<Double>? {
        guard case .learned = basis, rates.count >= Estimator.enough, let low = Quantile.of(times(tokens), 0.1),
            let high = Quantile.of(times(tokens), 0.9)
        else { return nil }
        return Estimate.Range(low: low, high: high)
    }

    private func times(_ tokens: Double) -> [Double] {
        rates.indices.map { startups[$0] + tokens / rates[$0] }
    }
}
