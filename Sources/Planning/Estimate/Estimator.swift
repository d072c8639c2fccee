//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Resources

/// Tokens, steps, time and cost of a training.
package struct Estimator: Sendable {
    private let throughputs: Throughputs

    /// Makes an estimator that knows the repository's versions.
    package init(versions: [VersionRecord]) { throughputs = Throughputs(versions) }

    /// What a request takes.
    ///
    /// What a BaseModel's `hardware` says holds; what it leaves open is taken from the repository's own versions of
    /// the same base. Where neither knows a throughput, time and cost stay unknown.
    package func estimate(_ request: TrainingRequest) -> Estimate {
        let steps = TrainingSteps(request)
        let tokens = steps.tokens
        let seconds = time(of: tokens, request)
        return Estimate(
            tokens: Int(exactly: tokens.rounded()) ?? Int.max,
            steps: steps.count,
            areStepsExact: steps.isExact,
            seconds: seconds,
            cost: seconds.flatMap { Self.cost(of: $0, request) }
        )
    }

    private func time(of tokens: Double, _ request: TrainingRequest) -> Double? {
        let learned = throughputs.figure(base: request.inputs.baseIdentity, backend: request.backend)
        let rate = request.hardware?.tokensPerSecond ?? learned?.tokensPerSecond
        guard let rate, rate > 0 else { return nil }
        let startup = request.hardware?.startup.map(Self.seconds) ?? learned?.startup ?? 0
        return startup + tokens / rate
    }

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

/// The optimizer steps of a request, as the trainer makes them.
struct TrainingSteps {
    let count: Int
    let isExact: Bool
    let tokens: Double

    init(_ request: TrainingRequest) {
        let parameters = request.inputs.parameters
        let rows = request.inputs.trainRows
        let isPacked = parameters["pack_sequences"] == .bool(true)
        let units = isPacked ? Self.packs(request) : rows
        let perEpoch = max(1, Self.ceiling(units, by: Self.integer(parameters, "train_batch_size") ?? 32))
        let epochs = Self.integer(parameters, "num_train_epochs") ?? 1
        let whole = perEpoch.multipliedReportingOverflow(by: epochs)
        let limit = Self.integer(parameters, "max_steps")
        count = limit ?? (whole.overflow ? Int.max : whole.partialValue)
        isExact = limit != nil || !isPacked
        tokens = Double(request.tokensPerEpoch) * Double(count) / Double(perEpoch)
    }

    /// Packs are filled nearly wholly by short rows, and never hold more than fit.
    private static func packs(_ request: TrainingRequest) -> Int {
        let size = integer(request.inputs.parameters, "chunk_size") ?? 2048
        return min(request.inputs.trainRows, max(1, ceiling(request.tokensPerEpoch, by: size)))
    }

    private static func ceiling(_ count: Int, by size: Int) -> Int {
        size > 0 ? count / size + (count % size > 0 ? 1 : 0) : count
    }

    private static func integer(_ parameters: [String: HyperparameterValue], _ name: String) -> Int? {
        if case .integer(let value) = parameters[name] { value } else { nil }
    }
}
