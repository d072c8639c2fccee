//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Planning
package import Resources

/// The comparison of a sweep's points, made of nothing but the records of a model's versions.
package enum SweepReport {
    /// The sweeps that versions are points of; names that are no names of resources are left out.
    package static func sweeps(in versions: [VersionRecord]) -> [ResourceName] {
        let names = versions.flatMap(\.fineTunes).compactMap { SweepPoint($0)?.sweep }
        return Set(names).filter { ResourceName.isValid($0.rawValue) }.sorted()
    }

    /// The report as markdown that ends with a line feed.
    package static func markdown(_ sweep: ResourceName, versions: [VersionRecord]) -> String {
        let rows = rows(sweep, versions)
        let fields = Set(rows.flatMap { $0.point.values.map(\.field) }).sorted()
        let best = best(rows)
        let blocks =
            [
                "<!-- Made by ftops from the records beside it; whatever is written here is lost. -->",
                "# Sweep \(MarkdownText.inline(sweep.rawValue))",
                table(rows, fields: fields, best: best),
                best.map { "Best by \($0.measure): \(name($0.row.point))." } ?? "No point was measured.",
            ] + gain(points(rows))
            + (svg(sweep, versions: versions) == nil ? [] : ["![The sweep as curves](\(sweep).svg)"])
        return blocks.joined(separator: "\n\n") + "\n"
    }

    /// The picture that the report shows; nothing where no losses were recorded.
    package static func svg(_ sweep: ResourceName, versions: [VersionRecord]) -> String? {
        SweepChart.svg(sweep.rawValue, points(rows(sweep, versions)))
    }

    private static func points(_ rows: [Row]) -> [SweepChart.Point] {
        rows.map { row in
            let values = row.point.values
            let limit = values.count == 1 && values[0].field == "limit" ? Int(values[0].text) : nil
            let name = values.map { "\($0.field) \($0.text)" }.joined(separator: ", ")
            return SweepChart.Point(name: name, version: row.version, limit: limit)
        }
    }

    /// What the last doubling of rows gained, of a sweep over them.
    private static func gain(_ points: [SweepChart.Point]) -> [String] {
        let curve = SweepChart.learningCurve(points)
        guard let (from, to) = SweepChart.lastDoubling(curve), from.loss > 0 else { return [] }
        let share = Figures.fixed((to.loss - from.loss) / from.loss * 100, places: 1)
        let sign = to.loss > from.loss ? "+" : ""
        return [
            "The last doubling, from \(Figures.count(from.step)) to \(Figures.count(to.step, "row")), took the validation "
                + "loss from \(Figures.loss(from.loss)) to \(Figures.loss(to.loss)) (\(sign)\(share)%)."
        ]
    }

    private struct Row {
        let point: SweepPoint
        let version: VersionRecord
    }

    private struct Best {
        let row: Row
        let measure: String
    }

    /// The newest version of each point.
    private static func rows(_ sweep: ResourceName, _ versions: [VersionRecord]) -> [Row] {
        var rows: [ResourceName: Row] = [:]
        for version in VersionOrder.newestFirst(versions).reversed() {
            for point in version.fineTunes.compactMap(SweepPoint.init) where point.sweep == sweep {
                rows[point.name] = Row(point: point, version: version)
            }
        }
        return rows.sorted { $0.key < $1.key }.map(\.value)
    }

    /// The lowest loss on validation rows, which all points of a sweep have where one has it; else the most right
    /// answers. Of equals the first.
    private static func best(_ rows: [Row]) -> Best? {
        let losses = rows.compactMap { row in loss(row.version).map { (row, $0) } }
        if let first = losses.min(by: { $0.1 < $1.1 }) { return Best(row: first.0, measure: "validation loss") }
        let shares = rows.compactMap { row in share(row.version).map { (row, $0) } }
        guard let most = shares.map(\.1).max(), let first = shares.first(where: { $0.1 == most }) else { return nil }
        return Best(row: first.0, measure: "exact match")
    }

    private static func loss(_ version: VersionRecord) -> Double? {
        (version.evaluation?.version.loss ?? version.training.validationLoss).flatMap { $0.isFinite ? $0 : nil }
    }

    private static func share(_ version: VersionRecord) -> Double? {
        let score = version.evaluation?.version
        return (score?.validationExactMatch ?? score?.promptsExactMatch).flatMap { share in
            share.total > 0 ? Double(share.correct) / Double(share.total) : nil
        }
    }

    private static func table(_ rows: [Row], fields: [String], best: Best?) -> String {
        let scores = rows.map { VersionScores.fields($0.version) }
        let measures = ["validation loss", "perplexity", "exact on validation", "exact on prompts"].filter { name in
            scores.contains { $0.contains { $0.name == name } }
        }
        let further = VersionScores.furtherNames(rows.map(\.version))
        let head = fields + ["version"] + measures + further.map(MarkdownText.inline) + ["cost", "time", ""]
        let rule =
            fields.map { _ in "---" } + ["---"] + (measures + further).map { _ in "---:" } + ["---:", "---:", "---"]
        let lines = zip(rows, scores).map { row, scores -> [String] in
            var cells = fields.map { field in
                MarkdownText.inline(row.point.values.first { $0.field == field }?.text ?? "-")
            }
            cells.append(link(row.version))
            cells += measures.map { name in scores.first { $0.name == name }?.version ?? "-" }
            let compared = VersionScores.comparisons(row.version)
            cells += further.map { name in compared.first { $0.name == name }?.version ?? "-" }
            cells += [cost(row.version), time(row.version)]
            cells.append(best?.row.point == row.point ? "best" : "")
            return cells
        }
        return ([head, rule] + lines).map { "| \($0.joined(separator: " | ")) |" }.joined(separator: "\n")
    }

    private static func link(_ version: VersionRecord) -> String {
        "[\(version.number.map { "\($0)" } ?? "-")](../\(version.fileStem).yaml)"
    }

    private static func cost(_ version: VersionRecord) -> String { version.cost.map(Figures.money) ?? "-" }

    private static func time(_ version: VersionRecord) -> String {
        Figures.duration(Double(version.ended.seconds - version.started.seconds))
    }

    private static func name(_ point: SweepPoint) -> String {
        point.values.map { MarkdownText.inline("\($0.field) \($0.text)") }.joined(separator: ", ")
    }
}
