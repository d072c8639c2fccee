//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// A linear axis with round ticks.
struct Axis {
    let lower: Double
    let upper: Double
    let step: Double

    /// An axis of values from zero to a tick above all of them, with about so many ticks.
    init(_ values: [Double], ticks: Int) {
        let top = Self.top(values)
        step = Self.round(top / Double(ticks))
        lower = 0
        upper = max(step, (top / step).rounded(.up) * step)
    }

    /// An axis of steps, which ends with the last of them.
    init(steps: [Int], ticks: Int) {
        let top = Self.top(steps.map(Double.init))
        step = max(1, Self.round(top / Double(ticks)))
        lower = 0
        upper = top
    }

    private static func top(_ values: [Double]) -> Double {
        let top = values.max() ?? 1
        return top > 0 ? top : 1
    }

    /// The ticks' values.
    var ticks: [Double] {
        let count = Int(((upper - lower) / step + 1e-9).rounded(.down))
        return (0...max(0, count)).map { lower + Double($0) * step }
    }

    /// The decimal places that tell the ticks apart.
    var places: Int {
        var (places, value) = (0, step)
        while value < 0.999, places < 6 {
            value *= 10
            places += 1
        }
        return places
    }

    /// Where a value lies, from 0 at the lower end to 1 at the upper one.
    func share(_ value: Double) -> Double { (value - lower) / (upper - lower) }

    /// The next of 1, 2, 5 times a power of ten.
    private static func round(_ value: Double) -> Double {
        var power = 1.0
        while power > value, power > 1e-12 { power /= 10 }
        while power * 10 <= value, power < 1e15 { power *= 10 }
        return [1, 2, 5, 10].map { $0 * power }.first { $0 >= value } ?? value
    }
}
