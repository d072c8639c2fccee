//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// Every code that findings carry: what it means, where it comes from, and what to do about it.
package enum FindingCatalog {
    /// What there is to know about a code.
    package struct Entry: Hashable, Sendable {
        /// The code.
        package let code: String
        /// What it means, in a sentence without a full stop.
        package let meaning: String
        /// Where it usually comes from.
        package let cause: String
        /// What to do about it.
        package let remedy: String
        /// Whether it is a warning, which Project may silence or deny.
        package var isWarning = false
    }

    /// The entry of a code, or of a word that the plan says behind `blocked`; nothing where there is none.
    package static func entry(_ code: String) -> Entry? { byCode[code] ?? byCode["blocked-" + code] }

    /// The codes of warnings, sorted.
    package static let warnings = entries.filter(\.isWarning).map(\.code)

    private static let byCode = Dictionary(entries.map { ($0.code, $0) }) { first, _ in first }

    /// All of them, by code.
    package static let entries: [Entry] = (first + second + sources + trainings).sorted { $0.code < $1.code }
}
