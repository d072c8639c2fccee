//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import JSON
package import Resources

/// What a code means, for people and for programs.
package enum FindingText {
    /// An entry as text that ends with a line feed.
    package static func render(_ entry: FindingCatalog.Entry, color: Bool = false, width: Int = 80) -> String {
        let style = TerminalStyle(isColored: color)
        let lines =
            [style.text(entry.code, .bold)]
            + TextWrap.hanging("  means  ", entry.meaning, width: width)
            + TextWrap.hanging("  cause  ", entry.cause, width: width)
            + TextWrap.hanging("  to do  ", entry.remedy, width: width)
        return lines.map { $0 + "\n" }.joined()
    }

    /// An entry as a JSON value.
    package static func value(_ entry: FindingCatalog.Entry) -> JSONValue {
        [
            "format_version": "1.0", "code": .string(entry.code), "meaning": .string(entry.meaning),
            "cause": .string(entry.cause), "remedy": .string(entry.remedy),
        ]
    }
}
