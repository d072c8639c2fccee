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
        object["memory_bytes"] = estimate.memory.map { .int($0) } ?? .null
        return .object(object)
    }

    private static func addBasis(_ basis: Estimate.Basis, to object: inout JSONObject) {
        var (word, versions, from): (String, JSONValue, JSONValue) = ("none", .null, .null)
        switch basis {
        case .none: break
        case .stated: word = "stated"
        case .learned(let count): (word, versions) = ("learned", .int(count))
        case .tried: word = "tried"
        case .scaled(let base): (word, from) = ("scaled", .string(base.rawValue))
        }
        object["basis"] = .string(word)
        object["versions"] = versions
        object["scaled_from"] = from
    }

    private static func seconds(_ value: Double?) -> JSONValue { value.map { .double($0.rounded()) } ?? .null }

    private static func money(_ amount: Money?) -> JSONValue { amount.map { .string($0.decimal) } ?? .null }
}
