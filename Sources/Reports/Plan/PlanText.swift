//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Planning
internal import Resources

/// A plan for people: what is to be done, why, and what it takes.
package struct PlanText {
    private let plan: Plan
    private let style: TerminalStyle
    private let width: Int

    /// The plan as text that ends with a line feed.
    package static func render(_ plan: Plan, color: Bool = false, width: Int = 80) -> String {
        let text = PlanText(plan: plan, style: TerminalStyle(isColored: color), width: max(40, width))
        return text.lines.map { $0 + "\n" }.joined()
    }

    private var lines: [String] {
        let shown = plan.items.filter { $0.action.word != "up-to-date" }
        let current = plan.items.count - shown.count
        var lines = header + [""]
        for item in shown { lines += self.item(item) + [""] }
        if current > 0, !shown.isEmpty { lines += ["  \(current) up-to-date", ""] }
        return lines + summary
    }

    private var header: [String] {
        let origin = plan.origin
        let branch = origin.branch.map { " on \(TerminalText.line($0))" } ?? ""
        let commit = origin.commit.map { "commit \($0.prefix(12))" } ?? "a repository without a commit"
        var lines = [style.text("Plan for \(commit)\(branch)", .bold)]
        if let base = origin.base { lines += note("what \(base) would do anyway is left out") }
        if case .notSeen(let reason) = origin.ledger {
            lines += note("ledger not seen (\(reason)); runs of other machines may be missing here")
        }
        if !origin.uncommitted.isEmpty {
            lines += note("not committed, and `ftops apply` trains commits only:")
            lines += origin.uncommitted.prefix(10).map { "    " + TerminalText.line($0) }
            let more = origin.uncommitted.count - 10
            if more > 0 { lines.append("    and \(more) more") }
        }
        return lines
    }

    private var summary: [String] {
        let sentences = PlanSummary.sentence(plan)
        guard sentences.first?.hasPrefix("Plan: ") ?? false else { return sentences }
        return TextWrap.wrap(sentences[0], width: width).map { style.text($0, .bold) } + sentences.dropFirst()
    }

    private func note(_ text: String) -> [String] {
        TextWrap.hanging("Note: ", TerminalText.line(text), width: width).map { style.text($0, .yellow) }
    }
}

// MARK: - Items

extension PlanText {
    private func item(_ item: PlanItem) -> [String] {
        let mark = ActionMark(item.action)
        let note = Self.note(item).map { " (\($0))" } ?? ""
        let names = item.fineTunes.map(\.rawValue).joined(separator: ", ")
        let label = "  \(mark.symbol) \(item.action.word)\(note)  "
        var lines = TextWrap.hanging(label, "\(names) -> \(item.destination)", width: width)
        let head = lines[0].prefix(label.count)
        lines[0] = style.text(String(head), mark.color) + lines[0].dropFirst(head.count)
        return lines + details(item)
    }

    /// What stands in brackets behind the action: what blocks it, or the rows that came and went.
    private static func note(_ item: PlanItem) -> String? {
        if case .blocked(let block) = item.action {
            block.kind.rawValue
        } else {
            item.rowDifference.flatMap(PlanFields.rows)
        }
    }

    private func details(_ item: PlanItem) -> [String] {
        let fields = PlanFields.all(item).map { ($0.name, $0.text) }
        let column = (fields.map { DisplayWidth.of($0.0) }.max() ?? 0) + 2
        return fields.flatMap { field, text in
            TextWrap.hanging(
                "      " + DisplayWidth.label(TerminalText.line(field), to: min(column, 30)),
                TerminalText.line(text),
                width: width
            )
        }
    }
}

/// How an action is marked in plans and tables.
struct ActionMark {
    let symbol: String
    let color: TerminalStyle.Color

    init(_ action: Action) { self.init(word: action.word) }

    /// The mark of an action's word; a question mark for one that is not known.
    init(word: String) { (symbol, color) = Self.marks[word] ?? ("?", .dim) }

    private static let marks: [String: (String, TerminalStyle.Color)] = [
        "create": ("+", .green), "update": ("~", .yellow), "reuse": ("=", .green), "evaluate": ("?", .cyan),
        "configure": ("*", .yellow), "up-to-date": (" ", .dim), "in-progress": (">", .cyan), "unknown": (">", .red),
        "failed": ("!", .red), "drifted": ("<", .yellow), "orphaned": ("-", .dim), "blocked": ("x", .red),
    ]
}
