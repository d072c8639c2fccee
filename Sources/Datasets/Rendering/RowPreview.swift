//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import JSON

/// A row before and after rendering.
package struct RowPreview: Hashable, Sendable {
    /// The row's number among the source's rows, from 1.
    package let number: Int
    /// Its line in the source, from 1.
    package let line: Int
    /// How many rows the source has.
    package let count: Int
    /// The row's fields as the source has them.
    package let fields: JSONObject
    /// The row as the trainer reads it.
    package let rendered: RenderedRow
    /// Whether it validates and does not train.
    package let isValidation: Bool
    /// The estimated tokens of its texts.
    package let tokens: Int
}
