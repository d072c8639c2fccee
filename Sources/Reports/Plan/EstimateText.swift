//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Planning
internal import Resources

/// An estimate in a line.
package enum EstimateText {
    /// Such as `~9,300 tokens, 25 steps, ~2m, $0.12`; packed rows are told with the packs that they make.
    package static func line(_ estimate: Estimate, rows: Int? = nil) -> String {
        let steps = Figures.count(estimate.steps, "step")
        var parts = [(estimate.areTokensCounted ? "" : "~") + Figures.count(estimate.tokens, "token")]
        if let packs = estimate.packs, let rows {
            parts.append("\(Figures.count(rows, "row")) -> \(Figures.count(packs, "pack"))")
        }
        parts += [estimate.areStepsExact ? steps : "~" + steps, time(estimate)]
        if let cost = cost(estimate) { parts.append(cost) }
        return parts.joined(separator: ", ") + basis(estimate.basis)
    }

    /// The time, as a range where there is one.
    package static func time(_ estimate: Estimate) -> String {
        if let range = estimate.secondsRange {
            let (low, high) = (Figures.roughDuration(range.low), Figures.roughDuration(range.high))
            if low != high { return "\(low.dropFirst()) to \(high.dropFirst())" }
        }
        return estimate.seconds.map(Figures.roughDuration) ?? "time unknown"
    }

    /// The cost, as a range where there is one; nothing where it is unknown.
    package static func cost(_ estimate: Estimate) -> String? {
        if let range = estimate.costRange {
            let (low, high) = (Figures.money(range.low), Figures.money(range.high))
            if low != high { return "\(low) to \(high)" }
        }
        return estimate.cost.map(Figures.money)
    }

    private static func basis(_ basis: Estimate.Basis) -> String {
        switch basis {
        case .none, .stated: ""
        case .learned(let versions): versions < 3 ? "" : " (as \(versions) versions took)"
        case .tried(let steps): " (as \(Figures.count(steps, "step")) of it took)"
        case .scaled(let base): " (scaled from \(TerminalText.line(base.rawValue)))"
        }
    }
}
