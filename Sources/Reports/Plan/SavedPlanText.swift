//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import JSON
internal import Planning
internal import Resources

/// A saved plan for people, whether it is stale or not.
package struct SavedPlanText {
    private let document: JSONValue
    private let style: TerminalStyle
    private let width: Int

    /// The plan as text that ends with a line feed.
    package static func render(_ plan: SavedPlan, color: Bool = false, width: Int = 80) -> String {
        let style = TerminalStyle(isColored: color)
        let text = SavedPlanText(document: plan.document, style: style, width: max(40, width))
        return text.lines.map { $0 + "\n" }.joined()
    }

    private var lines: [String] {
        let items = document["items"]?.array ?? []
        let shown = items.filter { $0["action"]?.string != "up-to-date" }
        var counts: [String: Int] = [:]
        for item in items { counts[item["action"]?.string ?? "", default: 0] += 1 }
        var lines = [style.text(header, .bold), ""]
        for item in shown { lines += self.item(item) + [""] }
        let summary = "Saved plan: \(PlanSummary.counts(counts))."
        return lines + TextWrap.wrap(summary, width: width).map { style.text($0, .bold) }
    }

    private var header: String {
        let commit = document["commit"]?.string.map { "commit \($0.prefix(12))" } ?? "a repository without a commit"
        let branch = document["branch"]?.string.map { " on \($0)" } ?? ""
        return TerminalText.line("Plan for \(commit)\(branch)")
    }

    private func item(_ item: JSONValue) -> [String] {
        let word = item["action"]?.string ?? ""
        let mark = ActionMark(word: word).symbol
        let names = (item["fine_tunes"]?.array ?? []).compactMap(\.string).joined(separator: ", ")
        let target = TerminalText.line("\(names) -> \(item["destination"]?.string ?? "")")
        let label = TerminalText.line("  \(mark) \(word)  ")
        return TextWrap.hanging(label, target, width: width) + details(item)
    }

    private func details(_ item: JSONValue) -> [String] {
        let fields = reasons(item) + remarks(item)
        let column = (fields.map { DisplayWidth.of($0.name) }.max() ?? 0) + 2
        return fields.flatMap { field in
            TextWrap.hanging(
                "      " + DisplayWidth.label(TerminalText.line(field.name), to: min(column, 30)),
                TerminalText.line(field.text),
                width: width
            )
        }
    }

    private func reasons(_ item: JSONValue) -> [PlanFields.Field] {
        (item["reasons"]?.array ?? []).map { value in
            let reason = Reason(
                field: value["field"]?.string ?? "",
                old: value["old"]?.string,
                new: value["new"]?.string
            )
            return PlanFields.Field(reason.field, PlanFields.change(reason))
        }
    }

    private func remarks(_ item: JSONValue) -> [PlanFields.Field] {
        var fields: [PlanFields.Field] = []
        if let rows = item["rows"], let added = rows["added"]?.int, let removed = rows["removed"]?.int,
            let text = PlanFields.rows(RowDifference(added: added, removed: removed))
        {
            fields.append(PlanFields.Field("data", text))
        }
        if let estimate = item["estimate"].flatMap(EstimateJSON.estimate) {
            fields.append(PlanFields.Field("estimate", EstimateText.line(estimate)))
        }
        if let reason = item["blocked"]?["reason"]?.string ?? item["failure"]?["message"]?.string {
            fields.append(PlanFields.Field("because", reason))
        }
        if let reuse = item["reuse"]?["model"]?.string { fields.append(PlanFields.Field("from", reuse)) }
        fields.append(PlanFields.Field("fingerprint", String((item["fingerprint"]?.string ?? "").prefix(15))))
        return fields
    }
}
