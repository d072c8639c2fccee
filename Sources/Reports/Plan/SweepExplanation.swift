//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import JSON
package import Planning
package import Resources

/// What is planned for each point of a sweep, and why.
package struct SweepExplanation: Hashable, Sendable {
    /// A point's name, and what is planned for it.
    package typealias Point = (name: ResourceName, explanation: Explanation)

    private let name: ResourceName
    private let names: [ResourceName]
    private let explanations: [Explanation]

    /// Explains a sweep by its points.
    package init(_ name: ResourceName, _ points: [Point]) {
        self.name = name
        names = points.map(\.name)
        explanations = points.map(\.explanation)
    }

    /// The explanation for people, as text that ends with a line feed.
    package func text(color: Bool = false, width: Int = 80) -> String {
        let style = TerminalStyle(isColored: color)
        let model = explanations.first.map { " -> \($0.item.destination)" } ?? ""
        let title = "\(name)\(model): a sweep of \(Figures.count(names.count, "point"))"
        var lines = TextWrap.wrap(TerminalText.line(title), width: width).map { style.text($0, .bold) } + [""]
        for (name, explanation) in zip(names, explanations) { lines += point(name, explanation, style, width) }
        lines.append("")
        if let first = names.first {
            lines += next("one of them, field by field", "ftops why '\(first)'", width)
        }
        lines += next("what all of them take", "ftops plan --target \(name)", width)
        return lines.map { $0 + "\n" }.joined()
    }

    private func point(
        _ name: ResourceName,
        _ explanation: Explanation,
        _ style: TerminalStyle,
        _ width: Int
    ) -> [String] {
        let mark = ActionMark(explanation.item.action)
        let label = "  \(mark.symbol) \(explanation.item.action.word)  "
        return [style.text(label, mark.color) + TerminalText.line(name.rawValue)]
            + TextWrap.hanging("      ", TerminalText.line(explanation.source), width: width)
    }

    /// What to type next; a command stays in one line, so that it can be copied.
    private func next(_ what: String, _ command: String, _ width: Int) -> [String] {
        let (label, command) = ("  \(what)  ", TerminalText.line(command))
        guard DisplayWidth.of(label + command) > width else { return [label + command] }
        return ["  " + what, "    " + command]
    }

    /// The explanation for programs.
    package var json: JSONValue {
        [
            "format_version": "1.0", "sweep": .string(name.rawValue),
            "points": .array(
                zip(names, explanations).map { name, explanation in
                    ["name": .string(name.rawValue), "why": ExplanationJSON.value(explanation)]
                }
            ),
        ]
    }
}
