//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import JSON

/// What stands between a template's braces: a field, and the way from it to what it holds.
package struct FieldPath: Hashable, Sendable {
    /// A step into a list or an object.
    package enum Key: Hashable, Sendable {
        case index(Int)
        case member(String)
    }

    /// The row's field.
    package let field: String
    /// The steps from the field's value.
    package let keys: [Key]

    /// The path as a template writes it, without braces.
    package var text: String { Self.text(field, keys[...]) }

    private static func text(_ field: String, _ keys: ArraySlice<Key>) -> String {
        keys.reduce(into: field) { text, key in
            switch key {
            case .index(let index): text += "[\(index)]"
            case .member(let name): text += "[\(name)]"
            }
        }
    }

    /// The value that the path leads to in a row.
    package func value(in row: JSONObject) throws(RenderError) -> JSONValue {
        guard var value = row[field] else {
            throw RenderError("missing field \(quoted(field)); \(Self.fields(of: row, "the row"))", missing: field)
        }
        for place in keys.indices {
            value = try step(into: value, keys[place], from: Self.text(field, keys[..<place]))
        }
        return value
    }

    private func step(into value: JSONValue, _ key: Key, from path: String) throws(RenderError) -> JSONValue {
        let name = quoted(path)
        switch (value, key) {
        case (.object(let object), .member(let member)):
            if let value = object[member] { return value }
            throw RenderError("missing field \(quoted(text)); \(Self.fields(of: object, name))")
        case (.array(let elements), .index(let index)):
            if index < elements.count { return elements[index] }
            let count = elements.count == 1 ? "1 element" : "\(elements.count) elements"
            throw RenderError("missing element \(quoted(text)): \(name) has \(count)")
        case (.object, .index(let index)):
            throw RenderError("\(name) is an object, and [\(index)] takes an element of a list")
        case (.array, .member(let member)):
            throw RenderError("\(name) is a list, and [\(excerpt(member))] takes a member of an object")
        default: throw RenderError("\(name) is \(value.kind), and \(quoted(text)) reaches into it")
        }
    }

    private static func fields(of object: JSONObject, _ subject: String) -> String {
        let keys = object.keys
        guard !keys.isEmpty else { return "\(subject) has no fields" }
        let shown = keys.prefix(8).map(quoted).joined(separator: ", ")
        return "\(subject) has \(shown)" + (keys.count > 8 ? " and \(keys.count - 8) more" : "")
    }
}

/// A name from a file, in quotes, short and printable.
func quoted(_ name: String) -> String { "\"\(excerpt(name))\"" }

/// A name from a file, short and printable.
func excerpt(_ name: String) -> String { Excerpt(of: Array(name.utf8)[...]).text }
