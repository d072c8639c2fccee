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
    private let page: PlanPage
    private let style: TerminalStyle
    private let width: Int

    /// The plan as text that ends with a line feed.
    package static func render(_ plan: Plan, color: Bool = false, width: Int = 80) -> String {
        render(PlanPage(plan), color, width)
    }

    /// The same text of a plan that has nothing to do.
    package static func render(_ plan: RestingPlan, color: Bool = false, width: Int = 80) -> String {
        render(PlanPage(plan), color, width)
    }

    /// A saved plan as it was shown when it was made, whether it is stale or not.
    package static func render(_ saved: SavedPlan, color: Bool = false, width: Int = 80) -> String {
        render(PlanPage(saved.document), color, width)
    }

    private static func render(_ page: PlanPage, _ color: Bool, _ width: Int) -> String {
        let text = PlanText(page: page, style: TerminalStyle(isColored: color), width: max(40, width))
        return text.lines.map { $0 + "\n" }.joined()
    }

    private var lines: [String] {
        var lines = header + [""]
        for item in page.items { lines += self.item(item) + [""] }
        if page.current > 0, !page.items.isEmpty { lines += ["  \(page.current) up-to-date", ""] }
        return lines + summary
    }

    private var header: [String] {
        let branch = page.branch.map { " on \(TerminalText.line($0))" } ?? ""
        let commit = page.commit.map { "commit \(TerminalText.line(String($0.prefix(12))))" }
        var lines = [style.text("Plan for \(commit ?? "a repository without a commit")\(branch)", .bold)]
        if let base = page.base { lines += note("what \(base) would do anyway is left out") }
        if page.isUntrusted { lines += note(PlanSummary.untrusted) }
        if let reason = page.ledgerProblem {
            lines += note("ledger not seen (\(reason)); runs of other machines may be missing here")
        }
        if !page.uncommitted.isEmpty {
            lines += note("not committed, and `ftops apply` trains commits only:")
            lines += page.uncommitted.prefix(10).map { "    " + TerminalText.line($0) }
            let more = page.uncommitted.count - 10
            if more > 0 { lines.append("    and \(more) more") }
        }
        return lines
    }

    private var summary: [String] {
        let sentences = page.sentences.map(TerminalText.line)
        guard let first = sentences.first, first.hasPrefix("Plan: ") else { return sentences }
        return TextWrap.wrap(first, width: width).map { style.text($0, .bold) } + sentences.dropFirst()
    }

    private func note(_ text: String) -> [String] {
        TextWrap.hanging("Note: ", TerminalText.line(text), width: width).map { style.text($0, .yellow) }
    }
}

// MARK: - Items

extension PlanText {
    private func item(_ item: PlanPage.Item) -> [String] {
        let mark = ActionMark(word: item.word)
        let note = item.note.map { " (\($0))" } ?? ""
        let label = TerminalText.line("  \(mark.symbol) \(item.word)\(note)  ")
        let target = TerminalText.line("\(item.names.joined(separator: ", ")) -> \(item.destination)")
        var lines = TextWrap.hanging(label, target, width: width)
        let head = lines[0].prefix(label.count)
        lines[0] = style.text(String(head), mark.color) + lines[0].dropFirst(head.count)
        return lines + details(item)
    }

    private func details(_ item: PlanPage.Item) -> [String] {
        let column = (item.fields.map { DisplayWidth.of($0.name) }.max() ?? 0) + 2
        return item.fields.flatMap { field in
            TextWrap.hanging(
                "      " + DisplayWidth.label(TerminalText.line(field.name), to: min(column, 30)),
                TerminalText.line(field.text),
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
