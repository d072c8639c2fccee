//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// Which columns of a table are asked by, and which is answered with, as far as their names and contents tell.
package struct ColumnRoles: Hashable, Sendable {
    /// A column, as far as that matters here.
    package struct Column: Hashable, Sendable {
        /// Its name.
        package var name: String
        /// Whether a template can name it.
        package var canBeNamed: Bool
        /// Whether every row has a text, number or boolean in it that says something.
        package var isFilled: Bool
        /// Whether no row has a list or an object in it, and every row has it.
        package var isPlain: Bool
        /// Whether every row has a conversation in it.
        package var isConversation: Bool
        /// Whether one of its texts has several lines.
        package var hasLines: Bool
        /// The length of the longest, in characters.
        package var longest: Int

        /// Makes a column of one-line texts, which every row has.
        package init(name: String) {
            self.name = name
            (canBeNamed, isFilled, isPlain) = (true, true, true)
            (isConversation, hasLines, longest) = (false, false, 20)
        }
    }

    /// What a row is trained as.
    package enum Form: Hashable, Sendable {
        /// Rows that are rendered already: they have `prompt` and `completion`, or `text`, or `messages`.
        case rendered([String])
        /// A conversation in this column.
        case conversation(Column)
        /// The text of one column.
        case text(Column)
        /// Columns that make the prompt, and the one that is learned.
        case prompt([Column], answer: Column)
    }

    /// What a row is trained as.
    package let form: Form
    /// The columns that are left out.
    package let unused: [String]

    private static let answers = [
        "completion", "answer", "answers", "output", "response", "reply", "target", "summary", "label", "category",
        "class", "intent", "sentiment", "translation", "result", "solution", "expected", "json", "sql", "code",
        "record",
    ]
    private static let identifiers: Set = [
        "id", "uuid", "guid", "index", "idx", "row", "key", "hash", "url", "source", "split", "timestamp", "date",
    ]
    /// Columns of a prompt; more are rarely one.
    private static let most = 6

    /// Chooses among columns; nothing where none can be learned.
    package init?(_ all: [Column]) {
        // No manifest can have a NUL in it.
        let columns = all.filter { !$0.name.utf8.contains(0) }
        let names = Set(columns.filter { $0.isFilled && $0.isPlain }.map(\.name))
        let talk = columns.first { $0.isConversation }
        if let own = Self.rendered(names, talk) {
            form = .rendered(own)
            unused = columns.map(\.name).filter { !own.contains($0) }
            return
        }
        if let talk {
            form = .conversation(talk)
            unused = columns.map(\.name).filter { $0 != talk.name }
            return
        }
        let usable = columns.filter { $0.canBeNamed && $0.isPlain && $0.isFilled && !Self.isIdentifier($0.name) }
        guard let answer = Self.answer(among: usable) else { return nil }
        let asked = usable.filter { $0.name != answer.name }.prefix(Self.most)
        form = asked.isEmpty ? .text(answer) : .prompt(Array(asked), answer: answer)
        let used = Set(asked.map(\.name)).union([answer.name])
        unused = columns.map(\.name).filter { !used.contains($0) }
    }

    private static func rendered(_ names: Set<String>, _ talk: Column?) -> [String]? {
        if names.isSuperset(of: ["prompt", "completion"]) { return ["prompt", "completion"] }
        let preference = ["prompt", "chosen", "rejected"]
        if names.isSuperset(of: preference) { return preference }
        if talk?.name == "messages" { return ["messages"] }
        return names == ["text"] ? ["text"] : nil
    }

    /// The column of a name that answers have, else the last one.
    private static func answer(among columns: [Column]) -> Column? {
        for name in answers {
            if let column = columns.first(where: { $0.name.lowercased() == name }) { return column }
        }
        return columns.last
    }

    private static func isIdentifier(_ name: String) -> Bool {
        let lower = name.lowercased()
        return identifiers.contains(lower) || lower.hasSuffix("_id") || lower.hasPrefix("_")
    }
}
