//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Resources

/// The loss over a training's steps as a small drawing; equal input gives equal bytes.
package struct LossCurve {
    private let points: [VersionRecord.LossPoint]
    private let validation: [VersionRecord.LossPoint]
    private let frame: ChartFrame

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
        self.points = points.filter(\.loss.isFinite).sorted { $0.step < $1.step }
        self.validation = validation.filter(\.loss.isFinite).sorted { $0.step < $1.step }
        let all = self.points + self.validation
        frame = ChartFrame(
            title: "Loss of \(title)",
            label: "Training loss of \(title)",
            across: "step",
            x: Axis(steps: all.map(\.step), ticks: 8),
            y: Axis(all.map(\.loss), ticks: 5)
        )
    }

    private var text: String { frame.drawing(points.isEmpty && validation.isEmpty ? [empty] : legend + curves) }

    /// What line and marks mean, said by their forms too, and the validation losses at begin and end.
    private var legend: [String] {
        let right = ChartFrame.size.width - ChartFrame.margin.right
        let losses = validation.map { Figures.loss($0.loss) }
        let ends = [losses.first, losses.count > 1 ? losses.last : nil].compactMap { $0 }
        let words = "validation \(ends.joined(separator: " → "))"
        let left = right - Double(words.count) * 6.6
        let training = validation.isEmpty ? right : left - 30
        let (start, end) = (ChartFrame.number(training - 74), ChartFrame.number(training - 54))
        let line = #"<path class="loss" d="M\#(start) 18H\#(end)"/>"#
        let marks =
            frame.dot("mark", x: left - 4, y: 18) + "</circle>"
            + frame.text(words, x: right, y: 22, anchor: "end", style: "orange")
        return [line + frame.text("training", x: training, y: 22, anchor: "end", style: "blue")]
            + (validation.isEmpty ? [] : [marks])
    }

    private var curves: [String] {
        let line = frame.line("loss", points).map { [$0] } ?? []
        let alone = points.count == 1 ? points.map { frame.dot("blue", $0.step, $0.loss) + "</circle>" } : []
        return line + alone
            + validation.map { point in
                frame.dot("mark", point.step, point.loss)
                    + "<title>validation loss \(Figures.loss(point.loss)) at step \(point.step)</title></circle>"
            }
    }

    private var empty: String {
        let (width, height) = ChartFrame.size
        return frame.text("no losses were recorded", x: width / 2, y: height / 2, anchor: "middle")
    }
}
