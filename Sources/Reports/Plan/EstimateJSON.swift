//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import JSON
package import Planning
internal import Resources

/// An estimate for programs, as plans have it.
package enum EstimateJSON {
    /// The estimate as a JSON value.
    package static func value(_ estimate: Estimate) -> JSONValue {
        var object = JSONObject()
        object["tokens"] = .int(estimate.tokens)
        object["tokens_counted"] = .bool(estimate.areTokensCounted)
        object["steps"] = .int(estimate.steps)
        object["steps_exact"] = .bool(estimate.areStepsExact)
        object["packs"] = estimate.packs.map { .int($0) } ?? .null
        object["seconds"] = seconds(estimate.seconds)
        object["seconds_low"] = seconds(estimate.secondsRange?.low)
        object["seconds_high"] = seconds(estimate.secondsRange?.high)
        object["cost"] = money(estimate.cost)
        object["cost_low"] = money(estimate.costRange?.low)
        object["cost_high"] = money(estimate.costRange?.high)
        object["currency"] = "USD"
        addBasis(estimate.basis, to: &object)
        return .object(object)
    }

    private static func addBasis(_ basis: Estimate.Basis, to object: inout JSONObject) {
        var (word, versions, from): (String, JSONValue, JSONValue) = ("none", .null, .null)
        switch basis {
        case .none: break
        case .stated: word = "stated"
        case .learned(let count): (word, versions) = ("learned", .int(count))
        case .scaled(let base): (word, from) = ("scaled", .string(base.rawValue))
        }
        object["basis"] = .string(word)
        object["versions"] = versions
        object["scaled_from"] = from
    }

    private static func seconds(_ value: Double?) -> JSONValue { value.map { .double($0.rounded()) } ?? .null }

    private static func money(_ amount: Money?) -> JSONValue { amount.map { .string($0.decimal) } ?? .null }

    /// Reads an estimate back; nothing where there is none.
    static func estimate(_ value: JSONValue) -> Estimate? {
        guard let tokens = value["tokens"]?.int, let steps = value["steps"]?.int else { return nil }
        var estimate = Estimate(
            tokens: tokens,
            steps: steps,
            areStepsExact: value["steps_exact"]?.bool ?? false,
            seconds: value["seconds"]?.double,
            cost: money(value["cost"]),
            basis: basis(value)
        )
        estimate.areTokensCounted = value["tokens_counted"]?.bool ?? false
        estimate.packs = value["packs"]?.int
        if let low = value["seconds_low"]?.double, let high = value["seconds_high"]?.double {
            estimate.secondsRange = Estimate.Range(low: low, high: high)
        }
        if let low = money(value["cost_low"]), let high = money(value["cost_high"]) {
            estimate.costRange = Estimate.Range(low: low, high: high)
        }
        return estimate
    }

    private static func basis(_ value: JSONValue) -> Estimate.Basis {
        switch (value["basis"]?.string, value["versions"]?.int, value["scaled_from"]?.string) {
        case ("stated", _, _): .stated
        case ("learned", let versions?, _): .learned(versions: versions)
        case ("scaled", _, let base?): .scaled(from: ResourceName(rawValue: base))
        default: .none
        }
    }

    private static func money(_ value: JSONValue?) -> Money? { value?.string.flatMap { Money($0) } }
}
