//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Resources

/// A sweep as a picture: what each point's loss was over the steps, or over rows what more of them gained.
enum SweepChart {
    /// A point of a sweep: what it is called, and its version.
    struct Point {
        let name: String
        let version: VersionRecord
        /// The rows that it was limited to, in a sweep over them alone.
        let limit: Int?
    }

    /// Colours that are told apart on light and dark.
    private static let colors = [
        "#0969da", "#bc4c00", "#1a7f37", "#8250df", "#bf3989", "#9a6700", "#768390", "#cf222e",
    ]
    private static let styles =
        [".curve { fill: none; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }"]
        + colors.enumerated().map { ".curve\($0.offset) { stroke: \($0.element); }" }

    /// The learning curve of a sweep over limits alone, else the losses of its points; nothing where there are none.
    static func svg(_ sweep: String, _ points: [Point]) -> String? {
        let learning = learningCurve(points)
        return learning.count > 1 ? learningCurve(sweep, learning) : losses(sweep, points)
    }

    /// Validation losses by the rows that were trained on.
    static func learningCurve(_ points: [Point]) -> [VersionRecord.LossPoint] {
        guard points.allSatisfy({ $0.limit != nil }) else { return [] }
        let found = points.compactMap { point -> VersionRecord.LossPoint? in
            guard let loss = point.version.training.validationLoss, loss.isFinite else { return nil }
            return VersionRecord.LossPoint(step: point.version.inputs.trainRows, loss: loss)
        }
        return found.sorted { $0.step < $1.step }
    }

    /// What the last doubling of rows gained: the largest point, and the one that is nearest to half of its rows.
    static func lastDoubling(
        _ curve: [VersionRecord.LossPoint]
    ) -> (from: VersionRecord.LossPoint, to: VersionRecord.LossPoint)? {
        guard let last = curve.last else { return nil }
        let half = Double(last.step) / 2
        let near = curve.dropLast().min { abs(Double($0.step) - half) < abs(Double($1.step) - half) }
        // What is nearer to all of them says nothing about a doubling.
        guard let near, Double(near.step) <= half * 1.25, Double(near.step) >= half * 0.75 else { return nil }
        return (near, last)
    }

    private static func learningCurve(_ sweep: String, _ points: [VersionRecord.LossPoint]) -> String {
        let label = "Validation loss of \(sweep) over the rows that were trained on"
        let frame = frame("Learning curve of \(sweep)", label, across: "rows", points)
        let line = frame.line("curve curve0", points).map { [$0] } ?? []
        let marks = points.map { point in
            let words = "validation loss \(Figures.loss(point.loss)) with \(Figures.count(point.step, "row"))"
            return frame.dot("mark", point.step, point.loss) + "<title>\(words)</title></circle>"
        }
        return frame.drawing(line + marks)
    }

    private static func losses(_ sweep: String, _ points: [Point]) -> String? {
        let curves = points.map { ($0.name, $0.version.losses.filter(\.loss.isFinite)) }.filter { !$0.1.isEmpty }
        guard !curves.isEmpty else { return nil }
        let label = "Training losses of the points of \(sweep)"
        let frame = frame("Losses of \(sweep)", label, across: "step", curves.flatMap(\.1))
        let lines = curves.enumerated().compactMap { index, curve in
            frame.line("curve curve\(index % colors.count)", curve.1)
        }
        // More names than colours would say nothing.
        let names = curves.count > colors.count ? [] : curves.map(\.0)
        let right = ChartFrame.size.width - ChartFrame.margin.right
        let legend = names.enumerated().map { index, name in
            let y = ChartFrame.margin.top + 14 + Double(index) * 18
            let (start, end, middle) = (right - 22, right, ChartFrame.number(y - 4))
            let path = "M\(ChartFrame.number(start)) \(middle)H\(ChartFrame.number(end))"
            let words = DisplayWidth.truncated(TerminalText.line(name), to: 48)
            return #"<path class="curve curve\#(index)" d="\#(path)"/>"#
                + frame.text(words, x: right - 30, y: y, anchor: "end")
        }
        return frame.drawing(lines + legend)
    }

    private static func frame(
        _ title: String,
        _ label: String,
        across: String,
        _ points: [VersionRecord.LossPoint]
    ) -> ChartFrame {
        ChartFrame(
            title: title,
            label: label,
            across: across,
            x: Axis(steps: points.map(\.step), ticks: 8),
            y: Axis(points.map(\.loss), ticks: 5),
            styles: styles
        )
    }
}
