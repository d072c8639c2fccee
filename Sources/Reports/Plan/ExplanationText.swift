//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Planning
internal import Resources

/// Why an action is planned, for people.
package enum ExplanationText {
    /// The explanation as text that ends with a line feed.
    package static func render(_ explanation: Explanation, color: Bool = false, width: Int = 80) -> String {
        let style = TerminalStyle(isColored: color)
        let item = explanation.item
        let mark = ActionMark(item.action)
        let names = item.fineTunes.map(\.rawValue).joined(separator: ", ")
        let title = TextWrap.hanging("", TerminalText.line("\(names) -> \(item.destination)"), width: width)
        var lines = title.map { style.text($0, .bold) }
        let action = mark.symbol == " " ? item.action.word : "\(mark.symbol) \(item.action.word)"
        lines += row("action", style.text(action, mark.color), style, width)
        lines += row("because", explanation.source, style, width)
        lines += row("compared with", compared(explanation), style, width)
        lines += row("fingerprint", String(item.fingerprint.rawValue.prefix(15)), style, width)
        return (lines + [""] + FieldChangeText.lines(explanation.fields, style: style, width: width))
            .map { $0 + "\n" }.joined()
    }

    private static func compared(_ explanation: Explanation) -> String {
        guard let version = explanation.version else { return "nothing: there is no version of it" }
        return "\(version.label) (\(version.id.short)), of \(Figures.minute(version.ended)) UTC"
    }

    private static func row(_ name: String, _ text: String, _ style: TerminalStyle, _ width: Int) -> [String] {
        guard name != "action" else { return ["  " + DisplayWidth.label(name, to: 15) + text] }
        return TextWrap.hanging("  " + DisplayWidth.label(name, to: 15), TerminalText.line(text), width: width)
    }
}

/// Fields of a fingerprint, those marked that have changed.
enum FieldChangeText {
    static func lines(_ fields: [FieldChange], style: TerminalStyle, width: Int) -> [String] {
        let column = min((fields.map { DisplayWidth.of($0.field) }.max() ?? 0) + 2, 30)
        return fields.flatMap { field in
            let text = field.isChanged ? field.old.map { "\($0) -> \(field.new)" } ?? field.new : field.new
            let mark = field.isChanged ? "~" : "="
            let label = "  \(mark) " + DisplayWidth.label(TerminalText.line(field.field), to: column)
            let lines = TextWrap.hanging(label, TerminalText.line(text), width: width)
            return field.isChanged ? lines : lines.map { style.text($0, .dim) }
        }
    }
}
