//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import JSON

/// A filter, compiled: which rows are kept by what their fields hold.
///
/// A field that a row has not is null. Null is equal to null alone, and any other comparison with it is false; so are
/// `contains` and `matches`. What compares a text with a number is an error of that row, as is any other operand of the
/// wrong kind.
package struct RowFilter: Hashable, Sendable {
    /// Scalars that a filter has at most.
    private static let lengthLimit = 10_000

    let expression: FilterExpression
    let patterns: [TextPattern]

    /// A field that the filter names.
    struct NamedField: Hashable, Sendable {
        var name: String
        var offset: Int
    }

    /// The fields that it names, in the order of their first use.
    let fields: [NamedField]

    /// The names of these fields.
    package var fieldNames: [String] { fields.map(\.name) }

    /// Compiles a filter such as `length(dialogue) < 8000 and not (summary contains 'TODO')`.
    package init(_ text: String) throws(FilterError) {
        guard text.unicodeScalars.count <= Self.lengthLimit else {
            throw FilterError("a filter has at most \(Self.lengthLimit) characters", at: Self.lengthLimit)
        }
        var parser = try FilterParser(text)
        expression = try parser.parse()
        patterns = parser.patterns
        fields = parser.fields.map { NamedField(name: $0.name, offset: $0.offset) }
    }
}

/// Puts rows to a filter, one after the other.
package struct RowFilterRun {
    private let filter: RowFilter
    private var searches: [PatternSearch]

    /// Starts with no row.
    package init(_ filter: RowFilter) {
        self.filter = filter
        searches = filter.patterns.map { PatternSearch($0) }
    }

    /// Whether a row is kept.
    package mutating func keeps(_ row: JSONObject) throws(RenderError) -> Bool {
        try truth(filter.expression, row)
    }

    private mutating func truth(_ expression: FilterExpression, _ row: JSONObject) throws(RenderError) -> Bool {
        switch expression {
        case .not(let inner): return try !truth(inner, row)
        case .all(let parts):
            for part in parts where try !truth(part, row) { return false }
            return true
        case .any(let parts):
            for part in parts where try truth(part, row) { return true }
            return false
        case .comparison(let comparison, let left, let right):
            return try FilterOperation.compare(comparison, try value(left, row), try value(right, row))
        case .contains(let left, let right):
            return try FilterOperation.contains(try value(left, row), try value(right, row))
        case .matches(let left, let pattern):
            let operand = try value(left, row)
            guard let text = try FilterOperation.text(operand, for: "matches") else { return false }
            return searches[pattern].finds(in: text)
        case .literal, .field, .length, .number: return try FilterOperation.truth(try value(expression, row))
        }
    }

    private mutating func value(
        _ expression: FilterExpression,
        _ row: JSONObject
    ) throws(RenderError) -> FilterOperation.Operand {
        switch expression {
        case .literal(let value): return FilterOperation.Operand(value: value)
        case .field(let path): return FilterOperation.Operand(value: path.valueOrNull(in: row), name: path.text)
        case .length(let inner): return try FilterOperation.length(try value(inner, row))
        case .number(let inner): return try FilterOperation.number(try value(inner, row))
        default: return FilterOperation.Operand(value: .bool(try truth(expression, row)))
        }
    }
}

extension FieldPath {
    /// The value that the path leads to, or null where the row has nothing there.
    fileprivate func valueOrNull(in row: JSONObject) -> JSONValue {
        var value = row[field] ?? .null
        for key in keys {
            switch (value, key) {
            case (.object(let object), .member(let member)): value = object[member] ?? .null
            case (.array(let elements), .index(let index)) where index < elements.count: value = elements[index]
            default: return .null
            }
        }
        return value
    }
}
