//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import YAML

/// Why a field of a file that ftops wrote cannot be read, and where it stands.
struct FieldError: Error {
    let message: String
    let position: YAMLPosition
}

/// A node of such a file, read by the type that its field has; keys that nobody asks for are passed over.
struct Field {
    private let label: String
    private let node: YAMLNode

    init(_ node: YAMLNode, label: String = "document") {
        self.node = node
        self.label = label
    }

    /// The value of a key; nothing where it is absent or null.
    subscript(key: String) -> Field? {
        guard let pair = node.mapping?.last(where: { $0.key.scalar?.text == key }) else { return nil }
        let isNull = pair.value.scalar?.style == .plain && (try? YAMLReader.value(of: pair.value)) == .null
        return isNull ? nil : Field(pair.value, label: key)
    }

    /// The value of a key that must be there.
    func required(_ key: String) throws(FieldError) -> Field {
        guard node.mapping != nil else { throw expected("a mapping") }
        guard let field = self[key] else { throw FieldError(message: "`\(key)` is missing", position: node.start) }
        return field
    }

    func text() throws(FieldError) -> String {
        guard let scalar = node.scalar else { throw expected("a text") }
        return scalar.text
    }

    func int() throws(FieldError) -> Int {
        guard let value = value().int else { throw expected("a whole number") }
        return value
    }

    func bool() throws(FieldError) -> Bool {
        guard let value = value().bool else { throw expected("true or false") }
        return value
    }

    func number() throws(FieldError) -> Double {
        guard let value = value().double else { throw expected("a number") }
        return value
    }

    func items() throws(FieldError) -> [Field] {
        guard let elements = node.sequence else { throw expected("a list") }
        return elements.map { Field($0, label: label) }
    }

    func entries() throws(FieldError) -> [(key: String, value: Field)] {
        guard let pairs = node.mapping else { throw expected("a mapping") }
        var entries: [(key: String, value: Field)] = []
        for pair in pairs {
            guard let key = pair.key.scalar?.text else { throw expected("texts as keys") }
            entries.append((key, Field(pair.value, label: key)))
        }
        return entries
    }

    /// A text in a form of its own, such as a digest or a time.
    func parsed<Value>(_ form: String, _ parse: (String) -> Value?) throws(FieldError) -> Value {
        guard let value = parse(try text()) else { throw expected(form) }
        return value
    }

    /// The value by the core schema, for fields whose type the value itself says.
    func value() -> YAMLValue { (try? YAMLReader.value(of: node)) ?? .null }

    func expected(_ form: String) -> FieldError {
        FieldError(message: "`\(label)` should be \(form)", position: node.start)
    }
}

/// Reads the one document of a file, and says where in it a fault is.
func decode<Value>(
    _ bytes: [UInt8],
    at path: String,
    _ read: (Field) throws(FieldError) -> Value
) throws(LedgerError) -> Value {
    do throws(YAMLError) {
        let documents = try YAMLReader.documents(bytes)
        guard documents.count == 1 else {
            throw YAMLError("one document expected", at: YAMLPosition(line: 1, column: 1))
        }
        do throws(FieldError) {
            return try read(Field(documents[0]))
        } catch {
            throw YAMLError(error.message, at: error.position)
        }
    } catch {
        let place = "\(path):\(error.position.line):\(error.position.column)"
        throw LedgerError(
            .broken,
            "\(place): \(error.message); ftops writes this file, so restore it from git's history"
        )
    }
}
