//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Planning
internal import Resources

/// A plan as a comment on a change: one table, and the details folded under it.
///
/// It begins with a marker that no reader sees, by which a comment is found again and written anew. Hosts refuse
/// comments that are too long, so that it stops in time and says what it left out.
package struct PlanMarkdown {
    /// The marker of the comment.
    package static let marker = "<!-- ftops:plan -->"
    /// Bytes of UTF-8 at most: GitHub takes 65,536 characters.
    package static let limit = 60_000

    private let plan: Plan
    private let limit: Int

    /// The plan as Markdown that ends with a line feed.
    package static func render(_ plan: Plan, limit: Int = limit) -> String {
        let page = PlanMarkdown(plan: plan, limit: limit)
        return page.text
    }

    private var text: String {
        var text =
            Self.marker + "\n## ftops plan\n\n"
            + PlanSummary.sentence(plan).map(MarkdownText.paragraph)
            .joined(separator: "\n") + "\n" + origin
        let shown = plan.items.filter { $0.action.word != "up-to-date" }
        if !shown.isEmpty { text += "\n" + Self.head }
        // The table may take half of what there is, the details the rest.
        text += Self.fit(shown.map(Self.row), into: limit / 2 - text.utf8.count, of: "items", "\n")
        let details = shown.map(Self.details).filter { !$0.isEmpty } + warnings
        return text + Self.fit(details, into: limit - text.utf8.count - 200, of: "details", "\n")
    }

    /// As many of some pieces as there is room for, and how many there are besides.
    private static func fit(_ pieces: [String], into room: Int, of what: String, _ gap: String) -> String {
        var text = ""
        for (index, piece) in pieces.enumerated() {
            guard text.utf8.count + piece.utf8.count <= room else {
                let left = Figures.count(pieces.count - index)
                return text + "\nToo long to show here: \(left) more \(what); `ftops plan` shows them.\n"
            }
            text += piece
        }
        return text
    }

    private var origin: String {
        let origin = plan.origin
        let commit = origin.commit.map { "Commit `\($0.prefix(12))`" } ?? "A repository without a commit"
        var text = "\n" + commit + (origin.branch.map { " on \(MarkdownText.inline($0))" } ?? "") + ".\n"
        if let base = origin.base { text += "\nWhat \(MarkdownText.inline(base)) would do anyway is left out.\n" }
        if origin.isUntrusted { text += "\n" + "Note: \(MarkdownText.inline(PlanSummary.untrusted)).\n" }
        if case .notSeen(let reason) = origin.ledger {
            text += "\nLedger not seen (\(MarkdownText.inline(reason))): runs of other machines may be missing here.\n"
        }
        guard !origin.uncommitted.isEmpty else { return text }
        let files = origin.uncommitted.prefix(10).map(MarkdownText.inline).joined(separator: ", ")
        let more = origin.uncommitted.count > 10 ? " and \(origin.uncommitted.count - 10) more" : ""
        return text + "\nNot committed, and `ftops apply` trains commits only: \(files)\(more).\n"
    }

    private static let head = """
        | | Fine-tune | Model | Why | Time | Cost |
        |---|---|---|---|---|---|

        """

    private static func row(_ item: PlanItem) -> String {
        let mark = ActionMark(item.action).symbol
        let action = mark == " " ? item.action.word : "`\(mark)` \(item.action.word)"
        let estimate = item.action.isTraining ? item.estimate : nil
        let cells = [
            action, names(item), MarkdownText.inline(item.destination.description), why(item),
            estimate.map { MarkdownText.inline(EstimateText.time($0)) } ?? "",
            estimate.flatMap(EstimateText.cost).map(MarkdownText.inline) ?? "",
        ]
        return "| " + cells.joined(separator: " | ") + " |\n"
    }

    private static func names(_ item: PlanItem) -> String {
        MarkdownText.inline(MarkdownText.excerpt(item.fineTunes.map(\.rawValue).joined(separator: ", "), limit: 200))
    }

    /// The first reasons, short; the details have them all.
    private static func why(_ item: PlanItem) -> String {
        let fields = PlanFields.remarks(item).filter { $0.name == "because" || $0.name == "from" }.map(\.text)
        let reasons = item.reasons.prefix(3).map { "\($0.field) \(PlanFields.change($0))" }
        let more = item.reasons.count > 3 ? ["and \(item.reasons.count - 3) more"] : []
        let rows = item.rowDifference.flatMap(PlanFields.rows).map { [$0] } ?? []
        let all = fields.isEmpty ? rows + reasons + more : fields
        return MarkdownText.inline(MarkdownText.excerpt(all.joined(separator: "; "), limit: 240))
    }

    private static func details(_ item: PlanItem) -> String {
        let fields = PlanFields.all(item)
        guard !fields.isEmpty else { return "" }
        let lines = fields.map { field in
            "- \(MarkdownText.inline(field.name)): \(MarkdownText.inline(MarkdownText.excerpt(field.text)))"
        }
        let title = names(item).isEmpty ? MarkdownText.inline(item.destination.description) : names(item)
        return folded("\(title): \(item.action.word)", lines)
    }

    private var warnings: [String] {
        guard !plan.warnings.isEmpty else { return [] }
        let lines = plan.warnings.map { warning in
            let place = warning.range.map { "\(MarkdownText.inline("\($0.file):\($0.start.line)")): " } ?? ""
            let message = MarkdownText.inline(MarkdownText.excerpt(warning.message))
            return "- \(place)\(message) (\(MarkdownText.inline(warning.id.rawValue)))"
        }
        return [Self.folded(Figures.count(lines.count, "warning"), lines)]
    }

    private static func folded(_ title: String, _ lines: [String]) -> String {
        "\n<details><summary>\(title)</summary>\n\n" + lines.map { $0 + "\n" }.joined() + "\n</details>\n"
    }
}
