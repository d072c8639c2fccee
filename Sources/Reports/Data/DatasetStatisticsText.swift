//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Resources

/// A dataset's figures for people.
package struct DatasetStatisticsText {
    private let figures: DatasetStatistics
    private let style: TerminalStyle
    private let width: Int

    /// Columns of the names.
    private static let column = 12
    /// Labels and scripts that are shown.
    private static let shown = 10

    /// The figures as text that ends with a line feed.
    package static func render(_ figures: DatasetStatistics, color: Bool = false, width: Int = 80) -> String {
        let style = TerminalStyle(isColored: color)
        let text = DatasetStatisticsText(figures: figures, style: style, width: max(40, width))
        return text.lines.map { $0 + "\n" }.joined()
    }

    private var lines: [String] {
        let lines = [style.text("Data of \(TerminalText.line(figures.name))", .bold)] + counts
        return lines + block("Tokens a row", note: spread, lengths) + block("Labels", note: balance, labels)
            + block("Scripts", note: nil, scripts)
    }

    private var counts: [String] {
        let bytes = figures.validation.rows > 0 ? " as rendered, with validation" : " as rendered"
        let all = figures.train.bytes + figures.validation.bytes
        return row("rows", sides { Figures.count($0.rows) }) + row("bytes", Figures.bytes(all) + bytes)
            + row("tokens", sides { "~" + Figures.count($0.lengths.tokens) })
            + row("duplicates", duplicates) + row("packing", packing)
    }

    private var duplicates: String {
        guard figures.duplicates > 0 else { return "none" }
        let share = Self.percent(Double(figures.duplicates) / Double(max(1, figures.rows)))
        let mark = figures.areDuplicatesEstimated ? "~" : ""
        return mark + "\(Figures.count(figures.duplicates)) (\(share) of the rows)"
    }

    private var packing: String {
        let packing = figures.packing
        return "\(Figures.count(figures.train.rows, "row")) -> ~\(Figures.count(packing.packs, "pack")) of "
            + "\(Figures.count(packing.size)) tokens, \(Self.percent(figures.savedByPacking)) fewer steps"
    }

    private func sides(_ text: (DatasetStatistics.Side) -> String) -> String {
        let train = text(figures.train)
        return figures.validation.rows > 0 ? "\(train) train, \(text(figures.validation)) validate" : train
    }

    private func row(_ name: String, _ text: String) -> [String] {
        TextWrap.hanging("  " + DisplayWidth.label(name, to: Self.column), text, width: width)
    }

    // MARK: Bars

    private struct Bar {
        let name: String
        let count: Int
    }

    private func block(_ title: String, note: String?, _ bars: [Bar]) -> [String] {
        guard !bars.isEmpty else { return [] }
        let head = style.text(title, .bold) + (note.map { "  " + $0 } ?? "")
        return ["", head] + drawn(bars)
    }

    /// Bars whose lengths are as the counts, each at least one column wide where there is something.
    private func drawn(_ bars: [Bar]) -> [String] {
        let total = Double(max(1, bars.reduce(0) { $0 + $1.count }))
        let names = min(bars.map { DisplayWidth.of($0.name) }.max() ?? 0, width / 2 - 8)
        let figures = bars.map { " \(Figures.count($0.count)) (\(Self.percent(Double($0.count) / total)))" }
        let room = max(4, min(40, width - names - 4 - (figures.map(DisplayWidth.of).max() ?? 0)))
        let most = Double(max(1, bars.map(\.count).max() ?? 1))
        return zip(bars, figures).map { bar, figure in
            let columns = bar.count == 0 ? 0 : max(1, Int((Double(bar.count) / most * Double(room)).rounded()))
            let name = DisplayWidth.padded(DisplayWidth.truncated(bar.name, to: names), to: names)
            return "  \(name)  " + style.text(String(repeating: "█", count: columns), .cyan) + figure
        }
    }

    private static func percent(_ share: Double) -> String {
        if share > 0, share < 0.005 { return "<1%" }
        if share < 1, share > 0.995 { return ">99%" }
        return "\(Int((share * 100).rounded()))%"
    }

    /// Such as `median 38, 95% up to 61, longest 74`.
    private var spread: String {
        let lengths = figures.train.lengths
        let (middle, most) = (Figures.count(lengths.quantile(0.5)), Figures.count(lengths.quantile(0.95)))
        return "median \(middle), 95% up to \(most), longest \(Figures.count(lengths.quantile(1)))"
    }

    /// The rows to train on by their tokens.
    private var lengths: [Bar] {
        let groups = figures.train.lengths.groups
        let bounds = bounds
        var counts = [Int](repeating: 0, count: max(0, bounds.count - 1))
        for group in groups {
            guard let place = counts.indices.last(where: { bounds[$0] <= group.length }) else { continue }
            counts[place] += group.rows
        }
        let column = bounds.last.map { Figures.count($0 - 1).utf8.count } ?? 0
        let width = bounds.last == (bounds.first ?? 0) + counts.count ? column : 2 * column + 1
        return counts.indices.map { place in
            let (first, last) = (bounds[place], bounds[place + 1] - 1)
            let name = first == last ? "" : Figures.count(first) + "-"
            return Bar(
                name: DisplayWidth.aligned(
                    name + DisplayWidth.aligned(Figures.count(last), to: column),
                    to: width
                ),
                count: counts[place]
            )
        }
    }

    /// Where bars begin, and the last one ends: all as wide, or each twice as wide as the one before where a few rows are
    /// many times as long as the others. Histograms of lengths know these bounds.
    private var bounds: [Int] {
        let lengths = figures.train.lengths
        guard let first = lengths.groups.first?.length, let last = lengths.groups.last?.length else { return [] }
        let octave = Int.bitWidth - 1 - max(1, last).leadingZeroBitCount
        if lengths.quantile(0.5) * 6 >= last {
            let width = 1 << max(0, octave - 3)
            return Array(stride(from: first / width * width, through: last + width, by: width))
        }
        let powers = (0...(octave + 1)).map { 1 << $0 }
        return Array(powers.drop { $0 * 2 <= first })
    }

    private var labels: [Bar] { Self.greatest(figures.labels) }

    /// How much more often the first label is given than the last.
    private var balance: String? {
        let counts = figures.labels.values
        guard let most = counts.max(), let least = counts.min(), least > 0 else { return nil }
        let ratio = Double(most) / Double(least)
        let times = ratio < 10 ? Figures.fixed(ratio, places: 1) : Figures.count(Int(ratio.rounded()))
        let count = Figures.count(figures.labels.count, "label")
        return "\(count), the most frequent one \(times) times as often as the least"
    }

    private var scripts: [Bar] { Self.greatest(figures.scripts) }

    private static func greatest(_ counts: [String: Int]) -> [Bar] {
        let sorted = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        let bars = sorted.prefix(shown).map { Bar(name: label($0.key), count: $0.value) }
        let rest = sorted.dropFirst(shown)
        guard !rest.isEmpty else { return bars }
        return bars + [Bar(name: "\(rest.count) more", count: rest.reduce(0) { $0 + $1.value })]
    }

    private static func label(_ text: String) -> String {
        let trimmed = TerminalText.line(text).trimmed
        return trimmed.isEmpty ? "(empty)" : trimmed
    }
}
