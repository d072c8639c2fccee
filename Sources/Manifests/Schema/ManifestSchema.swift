//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import JSON
import YAML

/// The JSON Schema of manifests, by which editors complete and check them as they are typed.
///
/// It is made from the tables that decode, and refuses what they refuse as far as a schema can say it: references,
/// names that stand twice and quotes round a number are beyond it. What does not work yet is not in it.
package enum ManifestSchema {
    /// The schema, in the dialect of 2020-12.
    package static let document: JSONValue = {
        var properties = Self.properties(of: KindTable.document)
        properties["apiVersion"] = object([("const", "ftops/v1"), description(of: "apiVersion")])
        let kinds = ResourceKind.allCases.map { JSONValue.string($0.rawValue) }
        properties["kind"] = object([("enum", .array(kinds)), description(of: "kind")])
        properties["spec"] = object([("type", "object"), description(of: "spec")])
        let definitions = ResourceKind.allCases.map { kind in
            let table = KindTable.of(kind)
            return (kind.rawValue, mapping(table.spec, summary: table.summary))
        }
        return object([
            ("$schema", "https://json-schema.org/draft/2020-12/schema"),
            ("title", "A resource of ftops"),
            ("type", "object"),
            ("properties", .object(properties)),
            ("required", .array(KindTable.document.rows.map { .string($0.name) })),
            ("additionalProperties", false),
            ("allOf", .array(ResourceKind.allCases.map(condition))),
            ("$defs", object(definitions)),
        ])
    }()

    private static func description(of name: String) -> (String, JSONValue) {
        ("description", .string(KindTable.document[name]?.summary ?? ""))
    }

    private static func condition(_ kind: ResourceKind) -> JSONValue {
        let isKind = object([("kind", object([("const", .string(kind.rawValue))]))])
        let spec = object([("spec", object([("$ref", .string("#/$defs/\(kind.rawValue)"))]))])
        return object([
            ("if", object([("properties", isKind), ("required", ["kind"])])), ("then", object([("properties", spec)])),
        ])
    }

    private static func mapping(_ table: MappingTable, summary: String? = nil) -> JSONValue {
        var schema = summary.map { [("description", JSONValue.string($0))] } ?? []
        schema += [("type", "object"), ("properties", .object(properties(of: table)))]
        let required = table.rows.filter(\.isRequired).map { JSONValue.string($0.name) }
        if !required.isEmpty { schema.append(("required", .array(required))) }
        schema.append(("additionalProperties", false))
        if let choice = table.choice {
            schema.append((choice.isExclusive ? "oneOf" : "anyOf", .array(alternatives(of: choice))))
        }
        let dependent = table.rows.filter { !$0.goesWith.isEmpty && $0.isSupported }
        if !dependent.isEmpty {
            let others = dependent.map { row in
                (row.name, object([("anyOf", .array(row.goesWith.map { object([("required", [.string($0)])]) }))]))
            }
            schema.append(("dependentSchemas", object(others)))
        }
        let needs = table.rows.compactMap { row in row.needs.map { (row.name, JSONValue.array([.string($0)])) } }
        if !needs.isEmpty { schema.append(("dependentRequired", object(needs))) }
        let rules = rivals(in: table) + table.rows.compactMap(pinRule)
        if !rules.isEmpty { schema.append(("allOf", .array(rules))) }
        return object(schema)
    }

    /// Spellings of one field, of which one is written at most.
    private static func rivals(in table: MappingTable) -> [JSONValue] {
        Dictionary(grouping: table.rows.filter(\.isSupported)) { $0.sameAs ?? $0.name }.sorted { $0.key < $1.key }
            .flatMap { _, rows in
                rows.indices.flatMap { index in
                    rows[(index + 1)...].map { other in
                        let both = JSONValue.array([.string(rows[index].name), .string(other.name)])
                        return object([("not", object([("required", both)]))])
                    }
                }
            }
    }

    /// What has to be there beside an address.
    private static func pinRule(_ row: FieldRow) -> JSONValue? {
        guard let needed = row.needsIfRemote else { return nil }
        let address = object([(row.name, object([("type", "string"), ("pattern", "://")]))])
        return object([
            ("if", object([("properties", address), ("required", [.string(row.name)])])),
            ("then", object([("required", [.string(needed)])])),
        ])
    }

    private static func alternatives(of choice: FieldChoice) -> [JSONValue] {
        choice.alternatives.map { names in
            var schema: [(String, JSONValue)] = [("required", .array(names.map { .string($0) }))]
            if choice.isExclusive {
                var others = choice.alternatives.flatMap { $0 }.filter { !names.contains($0) }
                others = others.enumerated().filter { !others[..<$0.offset].contains($0.element) }.map(\.element)
                schema.append(("properties", object(others.map { ($0, false) })))
            }
            return object(schema)
        }
    }

    private static func properties(of table: MappingTable) -> JSONObject {
        var properties = JSONObject()
        for row in table.rows where row.isSupported {
            var schema = row.only.map { [("const", json($0))] } ?? keywords(row.shape)
            schema.insert(("description", .string(row.summary)), at: 0)
            if row.least > 0 {
                let isList = schema.contains { $0 == ("type", "array") }
                schema.append((isList ? "minItems" : "minProperties", .int(row.least)))
            }
            if row.isDistinct { schema.append(("uniqueItems", true)) }
            if let standard = row.standard { schema.append(("default", json(standard))) }
            properties[row.name] = object(schema)
        }
        return properties
    }

    private static func keywords(_ shape: Shape) -> [(String, JSONValue)] {
        switch shape {
        case .text(let format): text(format)
        case .bool: [("type", "boolean")]
        case .integer(let range):
            [("type", "integer"), ("minimum", .int(range.lowerBound)), ("maximum", .int(range.upperBound))]
        case .number(let range): number(range)
        case .size: pattern("^[0-9]+(\\.[0-9]+)?[KMBT]?$", or: ("number", ("exclusiveMinimum", 0)))
        case .memory: [("type", "string"), ("pattern", .string(memoryPattern))]
        case .money: pattern("^[0-9]+(\\.[0-9]{1,6})?$", or: ("number", ("minimum", 0)))
        case .duration: [("type", "string"), ("pattern", .string(durationPattern))]
        case .choice(let words, _): [("enum", .array(words.map { .string($0) }))]
        case .reference: text(.filled)
        case .list(let element): [("type", "array"), ("items", object(keywords(element)))]
        case .texts: [("type", "object"), ("additionalProperties", object([("type", anyScalar)]))]
        case .table(let element): [("type", "object"), ("additionalProperties", object(keywords(element)))]
        case .mapping, .secret: shape.mapping.map { members(of: mapping($0)) } ?? []
        case .either: [("anyOf", .array(shape.alternatives.map { object(keywords($0)) }))]
        }
    }

    private static let memoryPattern = "^(?=.*[1-9])[0-9]{1,6}(\\.[0-9]{1,6})? ?Gi?B$"
    private static let durationPattern = "^(?=.)([0-9]{1,9}d)?([0-9]{1,9}h)?([0-9]{1,9}m)?([0-9]{1,9}s)?$"
    // YAML reads `1.0` as a number, and a field of a text takes it as it stands.
    private static let anyText: JSONValue = ["string", "number", "boolean"]
    private static let anyScalar: JSONValue = ["string", "number", "boolean", "null"]

    private static func text(_ format: TextFormat) -> [(String, JSONValue)] {
        var schema: [(String, JSONValue)] = [("type", anyText)]
        if !format.mayBeEmpty { schema.append(("minLength", 1)) }
        schema.append(("pattern", .string(format.pattern ?? "^[^\\u0000]*$")))
        return schema
    }

    private static func number(_ range: NumberRange) -> [(String, JSONValue)] {
        var schema: [(String, JSONValue)] = [("type", "number")]
        schema.append((range.isOpen ? "exclusiveMinimum" : "minimum", .double(range.lower)))
        if let upper = range.upper { schema.append((range.isOpen ? "exclusiveMaximum" : "maximum", .double(upper))) }
        return schema
    }

    private static func pattern(
        _ pattern: String,
        or other: (type: String, bound: (String, JSONValue))
    ) -> [(String, JSONValue)] {
        [("type", ["string", .string(other.type)]), ("pattern", .string(pattern)), other.bound]
    }

    private static func json(_ value: YAMLValue) -> JSONValue {
        switch value {
        case .null: .null
        case .bool(let value): .bool(value)
        case .int(let value): .int(value)
        case .double(let value): .double(value)
        case .string(let text): .string(text)
        case .sequence(let elements): .array(elements.map(json))
        case .mapping(let pairs): object(pairs.map { ($0.key, json($0.value)) })
        }
    }

    private static func members(of value: JSONValue) -> [(String, JSONValue)] {
        guard case .object(let object) = value else { return [] }
        return object.members.map { ($0.key, $0.value) }
    }

    private static func object(_ members: [(String, JSONValue)]) -> JSONValue {
        var object = JSONObject()
        for (key, value) in members { object[key] = value }
        return .object(object)
    }
}
