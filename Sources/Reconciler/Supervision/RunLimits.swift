//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import JSON
package import Resources

/// What a run may take: once it has, its trainer stops at a checkpoint, and the run has failed by `limit`.
package struct RunLimits: Hashable, Sendable {
    /// The class of a run that went over a limit.
    static let failureKind = "limit"

    /// Seconds of one attempt.
    package var seconds: Int64?
    /// Money for all attempts together.
    package var cost: Money?

    /// Makes limits; without any a run takes what it takes.
    package init(seconds: Int64? = nil, cost: Money? = nil) {
        self.seconds = seconds
        self.cost = cost
    }

    /// The limits that a fine-tune's budget sets, and Project's for any run.
    init(_ budget: FineTune.Budget?, perRun: Money?) {
        self.init(
            seconds: budget?.maxTime?.components.seconds,
            cost: [budget?.maxCost, perRun].compactMap { $0 }.min()
        )
    }

    /// Why an attempt has to stop that has taken so long, after earlier ones that cost so much; nothing while it may go
    /// on.
    func reason(taken: Double, spent: Money, pricePerHour: Money?) -> String? {
        if let seconds, taken >= Double(seconds) {
            return "it has taken the \(seconds) seconds that its budget allows an attempt"
        }
        guard let cost, let pricePerHour else { return nil }
        return spent + pricePerHour.times(taken / 3600) >= cost
            ? "it has cost the $\(cost.decimal) that its budget allows" : nil
    }
}

extension RunLimits {
    var json: JSONValue {
        ["seconds": seconds.map { .int(Int($0)) } ?? .null, "cost": cost.map { .string($0.decimal) } ?? .null]
    }

    /// Reads limits; a file of an earlier release has none.
    init(json: JSONValue?) {
        self.init(
            seconds: json?["seconds"]?.int.map { Int64($0) },
            cost: json?["cost"]?.string.flatMap { Money($0) }
        )
    }
}
