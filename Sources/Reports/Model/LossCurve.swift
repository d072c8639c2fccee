//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Resources

/// The loss over a training's steps as a small drawing; equal input gives equal bytes.
package struct LossCurve {
    private static let size = (width: 720.0, height: 320.0)
    private static let frame = (left: 56.0, right: 16.0, top: 40.0, bottom: 44.0)

    private let title: String
    private let points: [VersionRecord.LossPoint]
    private let validation: [VersionRecord.LossPoint]
    private let x: Axis
    private let y: Axis

    /// The drawing as SVG: the training loss as a line, and validation losses as marks with their values.
    package static func svg(
        title: String,
        points: [VersionRecord.LossPoint],
        validation: [VersionRecord.LossPoint] = []
    ) -> String {
        LossCurve(title: title, points: points, validation: validation).text
    }

    /// A version's drawing: its losses, and the validation losses of its base, and of itself at the step that was kept.
    package static func svg(of version: VersionRecord) -> String {
        let training = version.training
        let marks = [(0, training.baseValidationLoss), (training.keptStep ?? training.steps, training.validationLoss)]
        return svg(
            title: version.label,
            points: version.losses,
            validation: marks.compactMap { step, loss in loss.map { .init(step: step, loss: $0) } }
        )
    }

    private init(
        title: String,
        points: [VersionRecord.LossPoint],
        validation: [VersionRecord.LossPoint]
    ) {
        self.title = title
        self.points = points.filter(\.loss.isFinite).sorted { $0.step < $1.step }
        self.validation = validation.filter(\.loss.isFinite).sorted { $0.step < $1.step }
        let all = self.points + self.validation
        x = Axis(steps: all.map(\.step), ticks: 8)
        y = Axis(all.map(\.loss), ticks: 5)
    }

    private var text: String {
        let lines =
            [opening, style, heading] + grid + (points.isEmpty && validation.isEmpty ? [empty] : legend + curves)
        return (lines + ["</svg>"]).map { $0 + "\n" }.joined()
    }
}

// MARK: - Parts

extension LossCurve {
    private var opening: String {
        let (width, height) = (Self.number(Self.size.width), Self.number(Self.size.height))
        let label = XMLText.escaped("Training loss of \(title)")
        return #"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \#(width) \#(height)" width="\#(width)" "#
            + #"height="\#(height)" role="img" aria-label="\#(label)">"#
    }

    private var style: String {
        """
        <style>
        text { font: 12px system-ui, sans-serif; fill: #57606a; }
        .title { font-weight: 600; font-size: 14px; fill: #24292f; }
        .back { fill: #ffffff; }
        .grid { stroke: #d8dee4; stroke-width: 1; }
        .loss { fill: none; stroke: #0969da; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
        .mark { fill: #bc4c00; stroke: #ffffff; stroke-width: 1.5; }
        .blue { fill: #0969da; }
        .orange { fill: #bc4c00; }
        @media (prefers-color-scheme: dark) {
        text { fill: #8b949e; }
        .title { fill: #e6edf3; }
        .back { fill: #0d1117; }
        .grid { stroke: #30363d; }
        .loss { stroke: #4493f8; }
        .mark { fill: #f0883e; stroke: #0d1117; }
        .orange { fill: #f0883e; }
        .blue { fill: #4493f8; }
        }
        </style>
        """
    }

    private var heading: String {
        let name = DisplayWidth.truncated(TerminalText.line("Loss of \(title)"), to: 42)
        return #"<rect class="back" width="100%" height="100%"/>"# + "\n"
            + text(name, x: Self.frame.left, y: 22, anchor: "start", style: "title")
    }

    /// What line and marks mean, said by their forms too, and the validation losses at begin and end.
    private var legend: [String] {
        let right = Self.size.width - Self.frame.right
        let losses = validation.map { Figures.loss($0.loss) }
        let ends = [losses.first, losses.count > 1 ? losses.last : nil].compactMap { $0 }
        let words = "validation \(ends.joined(separator: " → "))"
        let left = right - Double(words.count) * 6.6
        let training = validation.isEmpty ? right : left - 30
        let line = #"<path class="loss" d="M\#(Self.number(training - 74)) 18H\#(Self.number(training - 54))"/>"#
        let marks =
            dot("mark", x: left - 4, y: 18) + "</circle>" + text(words, x: right, y: 22, anchor: "end", style: "orange")
        return [line + text("training", x: training, y: 22, anchor: "end", style: "blue")]
            + (validation.isEmpty ? [] : [marks])
    }

    private var grid: [String] {
        let bottom = Self.size.height - Self.frame.bottom
        let right = Self.size.width - Self.frame.right
        let rows = y.ticks.map { tick in
            let place = Self.number(vertical(tick))
            return #"<path class="grid" d="M\#(Self.number(Self.frame.left)) \#(place)H\#(Self.number(right))"/>"#
                + text(
                    Figures.fixed(tick, places: y.places),
                    x: Self.frame.left - 8,
                    y: vertical(tick) + 4,
                    anchor: "end"
                )
        }
        let columns = x.ticks.map { tick in
            text(
                Int(exactly: tick).map { Figures.count($0) } ?? "",
                x: horizontal(tick),
                y: bottom + 18,
                anchor: "middle"
            )
        }
        let name = text("step", x: (Self.frame.left + right) / 2, y: Self.size.height - 8, anchor: "middle")
        return rows + columns + [name]
    }

    private var curves: [String] {
        let line = path.map { [#"<path class="loss" d="\#($0)"/>"#] } ?? []
        let alone = points.count == 1 ? points.map { dot("blue", $0.step, $0.loss) + "</circle>" } : []
        return line + alone
            + validation.map { point in
                dot("mark", point.step, point.loss)
                    + "<title>validation loss \(Figures.loss(point.loss)) at step \(point.step)</title></circle>"
            }
    }

    private func dot(_ style: String, _ step: Int, _ loss: Double) -> String {
        dot(style, x: horizontal(Double(step)), y: vertical(loss))
    }

    private func dot(_ style: String, x: Double, y: Double) -> String {
        #"<circle class="\#(style)" cx="\#(Self.number(x))" cy="\#(Self.number(y))" r="4.5">"#
    }

    private var empty: String {
        text("no losses were recorded", x: Self.size.width / 2, y: Self.size.height / 2, anchor: "middle")
    }
}

// MARK: - Places

extension LossCurve {
    private var path: String? {
        guard !points.isEmpty else { return nil }
        let places = points.map {
            "\(Self.number(horizontal(Double($0.step)))) \(Self.number(vertical($0.loss)))"
        }
        return "M" + places.joined(separator: "L")
    }

    private func horizontal(_ step: Double) -> Double {
        Self.frame.left + x.share(step) * (Self.size.width - Self.frame.left - Self.frame.right)
    }

    private func vertical(_ loss: Double) -> Double {
        let bottom = Self.size.height - Self.frame.bottom
        return bottom - y.share(loss) * (bottom - Self.frame.top)
    }

    private func text(_ text: String, x: Double, y: Double, anchor: String, style: String? = nil) -> String {
        let name = style.map { #" class="\#($0)""# } ?? ""
        return #"<text\#(name) x="\#(Self.number(x))" y="\#(Self.number(y))" text-anchor="\#(anchor)">"#
            + "\(XMLText.escaped(text))</text>"
    }

    /// A coordinate to a hundredth, without zeros at its end.
    private static func number(_ value: Double) -> String {
        var text = Figures.fixed(value, places: 2)
        while text.hasSuffix("0") { text.removeLast() }
        if text.hasSuffix(".") { text.removeLast() }
        return text
    }
}
