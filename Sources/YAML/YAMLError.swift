//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// Why a text is no YAML, and where.
package struct YAMLError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong; lower case, no full stop.
    package var message: String
    /// Where it shows.
    package var position: YAMLPosition
    /// What was being read, and where that began.
    package var context: String?

    /// Makes an error.
    package init(_ message: String, at position: YAMLPosition, context: String? = nil) {
        self.message = message
        self.position = position
        self.context = context
    }

    /// Position, message and context in one line.
    package var description: String {
        "\(position.line):\(position.column): \(message)\(context.map { " (\($0))" } ?? "")"
    }
}
