//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

extension String {
    /// The text without white space around it: a completion mostly begins with a space, and a reader wants none.
    var trimmed: String {
        String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }

    /// The text without the spaces at its end.
    var withoutSpacesAtEnd: String { String(reversed().drop { $0 == " " }.reversed()) }
}
