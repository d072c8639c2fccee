//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Resources
import YAML

extension ManifestEditor {
    /// Lays the file out anew: the same documents and the same comments, in the one layout. What stands in the way is
    /// said, and the file then stays as it is.
    package mutating func format() -> [Diagnostic] {
        let source = SourceText(file)
        let documents: [YAMLNode]
        let comments: [String]
        let formatted: String
        let text = Array(String(decoding: file.bytes, as: UTF8.self).unicodeScalars)
        do throws(YAMLError) {
            documents = try YAMLReader.documents(file.bytes)
            let syntax = try YAMLReader.syntax(file.bytes)
            comments = Self.comments(text, syntax)
            do throws(ManifestLayout.Problem) {
                formatted = try ManifestLayout.format(text, syntax)
            } catch {
                return [source.place(ofScalar: error.offset, in: text).diagnostic(.layout, error.message)]
            }
        } catch {
            return [source.finding(error)]
        }
        let edited = ManifestFile(path: file.path, text: formatted)
        // The layout is checked by what it has to keep, so that a mistake in it can cost nobody a line.
        guard let found = try? YAMLReader.documents(edited.bytes), found.map(\.meaning) == documents.map(\.meaning),
            let syntax = try? YAMLReader.syntax(edited.bytes),
            Self.comments(Array(formatted.unicodeScalars), syntax) == comments
        else {
            let place = source.place(ofScalar: 0, in: text)
            return [place.diagnostic(.layout, "this file cannot be laid out without changing what it says")]
        }
        file = edited
        return []
    }

    /// The texts of all comments, in no order.
    private static func comments(_ text: [Unicode.Scalar], _ documents: [YAMLSyntaxDocument]) -> [String] {
        CommentScanner(text, documents: documents).comments.map(\.text).sorted()
    }
}

extension SourceText {
    /// Where a scalar of the whole text stands.
    fileprivate func place(ofScalar offset: Int, in text: [Unicode.Scalar]) -> Place {
        let before = text.prefix(offset)
        let line =
            1
            + before.indices.count { index in
                before[index] == "\n" && (index == 0 || before[index - 1] != "\r") || before[index] == "\r"
            }
        let column = offset - SyntaxText.lineStart(of: offset, in: text) + 1
        let start = SourcePosition(line: line, column: column)
        return place(SourceRange(file: path, start: start, end: SourcePosition(line: line, column: column + 1)))
    }

    /// Why the text is no YAML.
    func finding(_ error: YAMLError) -> Diagnostic {
        let position = SourcePosition(line: error.position.line, column: error.position.column)
        let end = SourcePosition(line: position.line, column: position.column + 1)
        let notes = (error.context.map { [$0] } ?? []) + hints(error)
        return place(SourceRange(file: path, start: position, end: end))
            .diagnostic(.syntax, error.message, notes: notes)
    }
}
