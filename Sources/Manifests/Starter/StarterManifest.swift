//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Resources

/// The first manifest for a file of rows: a dataset, a template, hyperparameters and a fine-tune, in the one layout.
package struct StarterManifest: Sendable {
    /// What is known of the rows.
    package struct Rows: Hashable, Sendable {
        /// What the resources are called.
        package var name: ResourceName
        /// The file's path from the top of the repository.
        package var source: String
        /// What a row is trained as.
        package var form: ColumnRoles.Form
        /// How many rows there are, or more.
        package var count: Int
        /// The tokens of the longest row, as they are estimated.
        package var longest: Int

        /// Makes what is known.
        package init(name: ResourceName, source: String, form: ColumnRoles.Form, count: Int, longest: Int) {
            self.name = name
            self.source = source
            self.form = form
            self.count = count
            self.longest = longest
        }
    }

    private let rows: Rows
    private let base: ResourceName

    /// Makes the manifest of rows that are trained on a base.
    package init(_ rows: Rows, base: ResourceName) {
        self.rows = rows
        self.base = base
    }

    /// What its resources are called.
    package var name: ResourceName { rows.name }

    /// The manifest's file.
    package var file: ManifestFile {
        let documents = [dataset, template, hyperparameters, fineTune].compactMap { $0 }
        let text = documents.map { "apiVersion: ftops/v1\n" + $0 }.joined(separator: "---\n")
        var editor = ManifestEditor(ManifestFile(path: "manifests/\(rows.name).yaml", text: text))
        _ = editor.format()
        return editor.file
    }

    private func head(_ kind: String) -> String {
        "kind: \(kind)\nmetadata:\n  name: \(quoted(rows.name.rawValue))\nspec:\n"
    }

    private func quoted(_ text: String) -> String { ScalarWriting.text(text) }

    // MARK: Data

    private var validation: Int? { rows.count < 10 ? nil : min(100, max(2, rows.count / 10)) }

    private var dataset: String {
        let kept = validation.map { "  validation: {rows: \($0)}  # kept from training, to measure the loss on\n" }
        return head("Dataset") + "  source: \(quoted(rows.source))\n" + (kept ?? "")
    }

    private var template: String? {
        switch rows.form {
        case .rendered: nil
        case .conversation(let column): head("Template") + "  messages: \(quoted(column.name))\n"
        case .text(let column): head("Template") + "  text: \(quoted("{\(column.name)}"))\n"
        case .prompt(let columns, let answer): head("Template") + prompt(columns, answer)
        }
    }

    private func prompt(_ columns: [ColumnRoles.Column], _ answer: ColumnRoles.Column) -> String {
        let lines = columns.map { "\(Self.label($0.name)):\($0.hasLines ? "\n" : " "){\($0.name)}" }
        let text = (lines + ["\(Self.label(answer.name)):"]).joined(separator: "\n")
        let completion = "  completion: \(quoted(" {\(answer.name)}"))\n"
        return "  prompt: \(block(text))\n" + completion + (answer.hasLines ? "" : "  stop: [\"\\n\"]\n")
    }

    /// A text of several lines as such, where nothing in it would be lost so.
    private func block(_ text: String) -> String {
        let isPrintable = text.unicodeScalars.allSatisfy { $0 == "\n" || ScalarWriting.isPrintable($0) }
        guard isPrintable else { return quoted(text) }
        return "|-\n"
            + text.split(separator: "\n", omittingEmptySubsequences: false).map { "    \($0)" }
            .joined(separator: "\n")
    }

    /// A column's name as people write it.
    private static func label(_ name: String) -> String {
        let words = name.split { $0 == "_" || $0 == "-" || $0.isWhitespace || !$0.unicodeScalars.allSatisfy(isShown) }
        let text = words.joined(separator: " ")
        return text.isEmpty ? "Field" : text.prefix(1).uppercased() + text.dropFirst()
    }

    private static func isShown(_ scalar: Unicode.Scalar) -> Bool { ScalarWriting.isPrintable(scalar) }

    // MARK: Training

    private var hyperparameters: String {
        let isSmall = rows.count < 1000
        var text = head("Hyperparameters") + "  num_train_epochs: \(isSmall ? 3 : 1)\n  learning_rate: 1e-3\n"
        if isSmall { text += "  train_batch_size: \(rows.count < 100 ? 4 : 8)\n" }
        if let size = chunkSize { text += "  chunk_size: \(size)\n" }
        return text
    }

    /// Room for the longest row, where what is usual is too small; estimates are 10 % off.
    private var chunkSize: Int? {
        var size = 2048
        while size < 32_768, rows.longest + rows.longest / 8 > size { size *= 2 }
        return size == 2048 ? nil : size
    }

    private var fineTune: String {
        let name = quoted(rows.name.rawValue)
        var text = head("FineTune") + "  base: \(quoted(base.rawValue))\n  dataset: \(name)\n"
        if template != nil { text += "  template: \(name)\n" }
        text += "  hyperparameters:\n    use: \(name)\n  destination: \(name)\n"
        if validation != nil { text += "  evaluation:\n    metrics: [\(metrics)]\n" }
        return text
    }

    /// Only short answers can be right to the letter.
    private var metrics: String {
        guard case .prompt(_, let answer) = rows.form, !answer.hasLines, answer.longest <= 100 else { return "loss" }
        return "loss, exact_match"
    }
}
