//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Planning
package import Resources

/// A model's README, made of nothing but its versions' records: equal records give equal bytes.
package struct ModelReadme {
    /// What a README is made of.
    package struct Contents {
        /// The model.
        package var model: ModelName
        /// What it is for, as its manifest says.
        package var description: String?
        /// Its versions, in any order.
        package var versions: [VersionRecord]
        /// The fields of the newest version's template, which `ftops run` takes as flags; none takes a raw prompt.
        package var fields: [String]

        /// Makes the contents.
        package init(
            model: ModelName,
            description: String? = nil,
            versions: [VersionRecord],
            fields: [String] = []
        ) {
            self.model = model
            self.description = description
            self.versions = versions
            self.fields = fields
        }
    }

    private let contents: Contents
    private let versions: [VersionRecord]

    /// The README as markdown that ends with a line feed.
    package static func markdown(_ contents: Contents) -> String {
        let versions = VersionOrder.newestFirst(contents.versions)
        let readme = ModelReadme(contents: contents, versions: versions)
        return readme.blocks.joined(separator: "\n\n") + "\n"
    }

    private var blocks: [String] {
        var blocks = [
            "<!-- Made by ftops from the records beside it; whatever is written here is lost. -->",
            "# \(MarkdownText.inline(contents.model.description))",
        ]
        if let description = contents.description { blocks.append(MarkdownText.paragraph(description)) }
        guard let newest = versions.first else { return blocks + ["No versions yet."] }
        blocks += [usage, "## Versions", table] + latest(newest)
        return blocks
    }

    private var usage: String {
        let flags = contents.fields.filter(ResourceName.isValid).map { " --\($0) @\($0).txt" }.joined()
        let input = flags.isEmpty ? " --prompt '…'" : flags
        return """
            ```sh
            ftops run \(contents.model)\(input)
            ftops compare \(contents.model)
            ```
            """
    }
}

// MARK: - Versions

extension ModelReadme {
    private var table: String {
        let head = [
            "version", "id", "date", "fine-tune", "rows", "steps", "validation loss", "exact match", "cost", "time",
        ]
        let rule = head.indices.map { $0 < 4 ? "---" : "---:" }
        return Self.table(head, rule: rule, versions.map(row))
    }

    private func row(_ version: VersionRecord) -> [String] {
        let scores = VersionScores.fields(version)
        let loss = scores.first { $0.name == "validation loss" }
        let exact = scores.last { $0.name.hasPrefix("exact") }
        return [
            version.number.map { "\($0)" } ?? "-", "[`\(version.id.short)`](\(version.fileStem).yaml)",
            String(version.ended.description.prefix(10)),
            MarkdownText.inline(version.fineTunes.map(\.rawValue).joined(separator: ", ")),
            Figures.count(version.inputs.trainRows), Figures.count(version.training.steps), change(loss), change(exact),
            version.cost.map(Figures.money) ?? "-",
            Figures.duration(Double(version.ended.seconds - version.started.seconds)),
        ]
    }

    private func change(_ score: VersionScores.Field?) -> String {
        // Percents are in the table of scores; here they would break the lines.
        score.map { "\($0.base) → \($0.version)".replacing(#/ \([0-9]+%\)/#, with: "") } ?? "-"
    }

    private func latest(_ version: VersionRecord) -> [String] {
        let inputs = version.inputs
        let rows = Figures.count(inputs.trainRows, "row")
        let template = inputs.template.map { " through template \(Self.code($0))" } ?? ""
        let number = version.number.map { " \($0)" } ?? ""
        let parent = inputs.parent.map { "Goes on from \(Self.code($0.fineTune)) `\($0.version?.short ?? "?")`, b" }
        let training = version.training
        let speed = training.seconds > 0 ? Figures.fixed(Double(training.tokens) / training.seconds, places: 0) : "-"
        return [
            "## Version\(number)",
            "\(parent ?? "B")ase \(Self.code(inputs.base)), dataset \(Self.code(inputs.dataset)) (\(rows))\(template). "
                + "\(Figures.count(training.steps, "step")), \(Figures.count(training.tokens)) tokens at \(speed) "
                + "tokens/s on \(MarkdownText.inline(training.device))\(StepNote.text(training)).",
        ] + notes(version) + scores(version) + ["![Loss over the steps](\(version.fileStem).svg)"] + answers(version)
    }

    private func notes(_ version: VersionRecord) -> [String] {
        [GateNote.text(version), LearningNote.text(version.training)].compactMap { $0 }
            .map { "**Note: \(MarkdownText.inline($0)).**" }
    }

    private func scores(_ version: VersionRecord) -> [String] {
        let compared = VersionScores.comparisons(version)
        guard !compared.isEmpty else {
            let scores = VersionScores.fields(version)
            let rows = scores.map { [$0.name, $0.base, $0.version] }
            return rows.isEmpty ? [] : [Self.table(["", "base", "fine-tuned"], rule: ["---", "---:", "---:"], rows)]
        }
        let alone = VersionScores.alone(version).map { [$0.name, $0.base, $0.version, "", "", ""] }
        let head = ["", "base", "fine-tuned", "change", "95% interval", "examples"]
        let rows = compared.map { [MarkdownText.inline($0.name)] + $0.cells.map(MarkdownText.inline) }
        return [
            Self.table(head, rule: ["---"] + head.dropFirst().map { _ in "---:" }, rows + alone), Self.note(version),
        ]
    }

    private static func note(_ version: VersionRecord) -> String {
        let resamples = version.evaluation?.resamples.map { " of \(Figures.count($0)) resamples" } ?? ""
        return "Base and version were given the same examples; the interval is that of a paired bootstrap\(resamples)."
    }

    private static func table(_ head: [String], rule: [String], _ rows: [[String]]) -> String {
        ([head, rule] + rows).map { "| \($0.joined(separator: " | ")) |" }.joined(separator: "\n")
    }

    /// A name as code, where it is one: a record may have been written by hand.
    private static func code(_ name: ResourceName) -> String {
        ResourceName.isValid(name.rawValue) ? "`\(name)`" : MarkdownText.inline(name.rawValue)
    }

    /// A table for each prompt, which heads it: answers of any length, and of lines that cannot be broken, have room.
    private func answers(_ version: VersionRecord) -> [String] {
        let evaluation = version.evaluation
        let prompts = Self.tables(evaluation?.answers ?? [], "prompt")
        let rows = Self.tables(evaluation?.validationAnswers ?? [], "row")
        return (prompts.isEmpty ? [] : ["### Answers"] + prompts)
            + (rows.isEmpty ? [] : ["### On validation rows"] + rows)
    }

    private static func tables(_ answers: [VersionRecord.Answer], _ title: String) -> [String] {
        answers.enumerated().map { index, answer in
            let expected = answer.reference.map { [["expected", cell($0)]] } ?? []
            let mark = answer.isRight ? "\u{A0}✓" : ""
            return table(
                ["\(title) \(index + 1)", cell(answer.prompt)],
                rule: [":---", ":---"],
                expected + [["base", cell(answer.base)], ["fine-tuned\(mark)", cell(answer.version)]]
            )
        }
    }

    private static func cell(_ text: String) -> String {
        MarkdownText.inline(MarkdownText.excerpt(text.trimmed))
    }
}
