//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// A large part of a value, which its copies share until one of them is changed.
@propertyWrapper
package struct Boxed<Value: Hashable & Sendable>: Hashable, Sendable {
    private final class Content: Sendable {
        let value: Value

        init(_ value: Value) { self.value = value }
    }

    private var content: Content

    /// Makes a part.
    package init(wrappedValue: Value) { content = Content(wrappedValue) }

    /// The part. Who only looks at it gets no copy.
    package var wrappedValue: Value {
        _read { yield content.value }
        _modify {
            var value = content.value
            yield &value
            content = Content(value)
        }
    }

    /// Whether two parts are the same.
    package static func == (left: Boxed, right: Boxed) -> Bool {
        left.content === right.content || left.content.value == right.content.value
    }

    /// Feeds the part to a hasher.
    package func hash(into hasher: inout Hasher) { hasher.combine(content.value) }
}
