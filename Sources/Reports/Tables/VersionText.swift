//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Glibc
internal import Planning
package import Resources

/// One version, with all that its record says of interest.
package struct VersionText {
    private let version: VersionRecord
    private let style: TerminalStyle
    private let width: Int

    /// The version as text that ends with a line feed.
    package static func render(_ version: VersionRecord, color: Bool = false, width: Int = 80) -> String {
        let text = VersionText(version: version, style: TerminalStyle(isColored: color), width: width)
        return text.lines.map { $0 + "\n" }.joined()
    }

    private var lines: [String] {
        [style.text("\(version.label) (\(version.id.short))", .bold)] + lines(of: upper) + evaluation + lines(of: lower)
    }

    private var evaluation: [String] {
        guard let evaluation = version.evaluation, !evaluation.comparisons.isEmpty else { return [] }
        return ["", style.text("Evaluation", .bold)] + MetricsTable.lines(evaluation, style, width: width, indent: 2)
            + GateLines.of(evaluation, style, width: width, indent: 2)
    }

    private func lines(of sections: [Section]) -> [String] {
        var lines: [String] = []
        for (title, fields) in sections where !fields.isEmpty {
            lines += ["", style.text(title, .bold)]
            let column = fields.reduce(0) { max($0, DisplayWidth.of($1.0)) } + 2
            for (name, text) in fields {
                let label = "  " + DisplayWidth.label(TerminalText.line(name), to: min(column, 32))
                let value = TerminalText.line(text)
                // A hash stays whole, so that it can be copied.
                lines += value.contains(" ") ? TextWrap.hanging(label, value, width: width) : [label + value]
            }
        }
        return lines
    }

    private typealias Section = (String, [(String, String)])

    private var upper: [Section] {
        [("Trained", trained), ("On", on), ("Hyperparameters", parameters), ("Result", result)]
    }

    private var lower: [Section] {
        [("Weights", weights), ("Software", version.software.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })]
    }

    private var trained: [(String, String)] {
        [
            ("fine-tune", version.fineTunes.map(\.rawValue).joined(separator: ", ")),
            ("date", "\(Figures.minute(version.ended)) UTC"),
            ("commit", version.commit), ("run", version.run), ("fingerprint", version.fingerprint.rawValue),
            ("backend", version.backend.rawValue), ("attempts", "\(version.attempts)"),
            ("time", Figures.duration(Double(version.ended.seconds - version.started.seconds))),
            ("cost", version.cost.map(Figures.money) ?? "-"),
        ]
    }

    private var on: [(String, String)] {
        let inputs = version.inputs
        let rows = Figures.count(inputs.trainRows, "row")
        let validation = inputs.validationRows > 0 ? ", \(Figures.count(inputs.validationRows)) for validation" : ""
        let parent = inputs.parent.map { "version \($0.version?.short ?? "?") of \($0.fineTune), on " } ?? ""
        return [
            ("base", "\(parent)\(inputs.base) (\(inputs.baseIdentity))"),
            ("dataset", "\(inputs.dataset): \(rows)\(validation)"),
            ("source", "\(inputs.source) (sha256 \(inputs.sourceDigest.short))"),
            ("template", inputs.template?.rawValue ?? "none: the rows were rendered already"),
        ]
    }

    private var parameters: [(String, String)] {
        version.inputs.meaningfulParameters.map { ($0.name, $0.value.text) }
    }

    private var result: [(String, String)] {
        let training = version.training
        let speed = training.seconds > 0 ? Double(training.tokens) / training.seconds : 0
        var fields = [
            ("steps", Figures.count(training.steps) + StepNote.text(training)),
            ("tokens", Figures.count(training.tokens)),
            ("speed", "\(Figures.fixed(speed, places: 0)) tokens/s on \(training.device), \(training.dtype)"),
        ]
        if let loss = training.trainLoss { fields.append(("training loss", Figures.loss(loss))) }
        fields += VersionScores.alone(version).map { ($0.name, "\($0.base) -> \($0.version)") }
        if let note = LearningNote.text(training) { fields.append(("note", note)) }
        if let memory = training.peakMemory { fields.append(("peak memory", Figures.bytes(memory))) }
        return fields
    }

    private var weights: [(String, String)] {
        version.weights.map { ($0.name, "\(Figures.bytes($0.size)), sha256 \($0.sha256.short)") }
    }
}

/// What is not as usual of a training's steps, such as `, ended by early stopping, weights of step 60`; else nothing.
enum StepNote {
    static func text(_ training: VersionRecord.Training) -> String {
        let early = training.earlyStoppingStep == nil ? "" : ", ended by early stopping"
        return early + (training.keptStep.map { ", weights of step \(Figures.count($0))" } ?? "")
    }
}

/// What was measured of base and version.
enum VersionScores {
    struct Field {
        let name: String
        let base: String
        let version: String
    }

    static func fields(_ version: VersionRecord) -> [Field] {
        let (base, tuned) = (version.evaluation?.base, version.evaluation?.version)
        let loss = tuned?.loss ?? version.training.validationLoss
        let baseLoss = base?.loss ?? version.training.baseValidationLoss
        // The loss of preferences is none of tokens.
        let isOfTokens = !version.inputs.form.isPreference
        return [
            field("validation loss", baseLoss.map(Figures.loss), loss.map(Figures.loss)),
            isOfTokens ? field("perplexity", baseLoss.map(perplexity), loss.map(perplexity)) : nil,
            field("exact on validation", base?.validationExactMatch, tuned?.validationExactMatch),
            field("exact on prompts", base?.promptsExactMatch, tuned?.promptsExactMatch),
        ].compactMap { $0 }
    }

    /// Those that stand in no table of metrics: nobody asked for them, or the record is of an earlier release.
    static func alone(_ version: VersionRecord) -> [Field] {
        let compared = Set(comparisons(version).map(\.name))
        return fields(version).filter { !compared.contains($0.name) }
    }

    /// The metrics that were compared example by example.
    static func comparisons(_ version: VersionRecord) -> [MetricFigures] {
        (version.evaluation?.comparisons ?? []).map(MetricFigures.init)
    }

    /// The names of metrics that only a comparison has, of any of the versions.
    static func furtherNames(_ versions: [VersionRecord]) -> [String] {
        let usual = ["validation loss", "perplexity", "exact on validation", "exact on prompts"]
        let names = Set(versions.flatMap { comparisons($0).map(\.name) })
        return names.subtracting(usual).sorted()
    }

    private static func perplexity(_ loss: Double) -> String { Figures.fixed(exp(loss), places: 2) }

    private static func field(_ name: String, _ base: String?, _ version: String?) -> Field? {
        version.map { Field(name: name, base: base ?? "-", version: $0) }
    }

    private static func field(_ name: String, _ base: VersionRecord.Share?, _ version: VersionRecord.Share?) -> Field? {
        field(name, base.map(Figures.share), version.map(Figures.share))
    }
}
