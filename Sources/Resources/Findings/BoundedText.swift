//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

extension String {
    /// The text, or its beginning where nobody would read to its end: a message may have a text of a manifest in it, and
    /// that may have a megabyte.
    package var bounded: String {
        let limit = 2000
        guard utf8.count > limit else { return self }
        let short = prefix(limit)
        return short.endIndex == endIndex ? self : short + "…"
    }
}
