//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// Where the values of a document stand, by paths such as `spec.evaluation.metrics[0]`.
///
/// A document has about a dozen, of which few are ever asked for: they are sooner looked through than filed.
package struct FieldPlaces: Hashable, Sendable {
    private struct Entry: Hashable {
        let path: String
        let range: SourceRange
    }

    private var entries: [Entry] = []

    /// Makes an empty collection, with room for so many.
    package init(capacity: Int = 0) { entries.reserveCapacity(capacity) }

    /// The place of a path's value; of several that were noted the last.
    package subscript(path: String) -> SourceRange? { entries.last { $0.path == path }?.range }

    /// Notes where a path's value stands.
    package mutating func note(_ path: String, at range: SourceRange) {
        entries.append(Entry(path: path, range: range))
    }
}

extension FieldPlaces: ExpressibleByDictionaryLiteral {
    /// Makes a collection of paths and places.
    package init(dictionaryLiteral elements: (String, SourceRange)...) {
        for (path, range) in elements { note(path, at: range) }
    }
}
