//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import JSON

/// One text of a template, compiled: Python's `str.format` with named fields.
package struct TemplateText: Hashable, Sendable {
    enum Part: Hashable, Sendable {
        case literal(String)
        case field(FieldPath)
    }

    let parts: [Part]

    /// The names of the row's fields that it reads, in the order of their first use.
    package let fields: [String]

    init(parts: [Part]) {
        self.parts = parts
        var fields: [String] = []
        for case .field(let path) in parts where !fields.contains(where: path.field.isIdentical) {
            fields.append(path.field)
        }
        self.fields = fields
    }

    /// Compiles a text such as `Summary: {summary}`.
    package static func compile(_ text: String) throws(TemplateError) -> TemplateText {
        var compiler = TemplateCompiler(text)
        return try compiler.compile()
    }

    /// The text with the row's values in it, as Python's `str.format` puts them.
    package func render(_ row: JSONObject) throws(RenderError) -> String {
        var text = ""
        for part in parts {
            switch part {
            case .literal(let literal): text += literal
            case .field(let path): text += try Self.text(of: path, in: row)
            }
            guard text.utf8.count <= RenderedRow.limit else {
                throw RenderError("a text of the row becomes longer than \(RenderedRow.limit >> 20) MiB")
            }
        }
        return text
    }

    /// The text up to the first field that the row has not: what a model is to go on from, and so not nothing.
    package func renderStart(_ row: JSONObject) throws(RenderError) -> String {
        let end = parts.firstIndex { part in
            if case .field(let path) = part { row[path.field] == nil } else { false }
        }
        let start = try TemplateText(parts: Array(parts[..<(end ?? parts.endIndex)])).render(row)
        return start.isEmpty ? try render(row) : start
    }

    private static func text(of path: FieldPath, in row: JSONObject) throws(RenderError) -> String {
        let value = try path.value(in: row)
        if let text = PythonText.text(of: value) { return text }
        throw RenderError("field \(quoted(path.text)) is \(value.kind): a template takes text, numbers, booleans, null")
    }
}
