//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import JSON

/// A filter as its text says it, its types checked as far as they do not depend on rows.
indirect enum FilterExpression: Hashable, Sendable {
    case literal(JSONValue)
    case field(FieldPath)
    /// Characters of a text, elements of a list, members of an object.
    case length(FilterExpression)
    /// The number that a text says.
    case number(FilterExpression)
    case not(FilterExpression)
    case all([FilterExpression])
    case any([FilterExpression])
    case comparison(Comparison, FilterExpression, FilterExpression)
    case contains(FilterExpression, FilterExpression)
    /// Whether a text has a match of the pattern of this number.
    case matches(FilterExpression, Int)

    enum Comparison: String, Hashable, Sendable {
        case equal = "=="
        case unequal = "!="
        case less = "<"
        case atMost = "<="
        case greater = ">"
        case atLeast = ">="
    }

    /// What an expression is before any row is seen.
    enum Kind: String {
        case boolean = "true or false"
        case number = "a number"
        case text = "text"
        case null
        /// Only rows tell.
        case open
    }

    var kind: Kind {
        switch self {
        case .not, .all, .any, .comparison, .contains, .matches, .literal(.bool): .boolean
        case .length, .number, .literal(.number): .number
        case .literal(.string): .text
        case .literal(.null): .null
        case .field, .literal: .open
        }
    }
}
