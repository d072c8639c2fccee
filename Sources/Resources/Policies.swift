//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// What a repository allows its fine-tunes to be trained from, how and when.
package struct Policies: Hashable, Sendable {
    /// Patterns of the BaseModels' names; any where absent.
    package var bases: [NamePattern]?
    /// The licences that a BaseModel may have; any where absent.
    package var licenses: [String]?
    /// Whether all that is read from outside of the commit must be pinned by it.
    package var requiresPins: Bool
    /// Whether a fine-tune must have validation rows.
    package var requiresValidation: Bool
    /// When a training may be started; at any time where there are none.
    package var windows: [TrainingWindow]

    /// Makes policies.
    package init(
        bases: [NamePattern]? = nil,
        licenses: [String]? = nil,
        requiresPins: Bool = false,
        requiresValidation: Bool = false,
        windows: [TrainingWindow] = []
    ) {
        self.bases = bases
        self.licenses = licenses
        self.requiresPins = requiresPins
        self.requiresValidation = requiresValidation
        self.windows = windows
    }
}

/// What trainings may cost.
package struct Spending: Hashable, Sendable {
    /// What one run may cost, over all its attempts.
    package var perRun: Money?
    /// What all runs of a month may cost.
    package var perMonth: Money?

    /// Makes a limit.
    package init(perRun: Money? = nil, perMonth: Money? = nil) {
        self.perRun = perRun
        self.perMonth = perMonth
    }
}

/// A pattern of names, in which `*` stands for any characters and `?` for one.
package struct NamePattern: Hashable, Sendable {
    /// The pattern as it is written.
    package let text: String

    /// Makes a pattern.
    package init(_ text: String) { self.text = text }

    /// Whether a name fits.
    package func matches(_ name: String) -> Bool {
        let (pattern, name) = (Array(text.utf8), Array(name.utf8))
        var (place, at) = (0, 0)
        var retry: (place: Int, at: Int)?
        while at < name.count {
            if place < pattern.count, pattern[place] == UInt8(ascii: "*") {
                retry = (place, at)
                place += 1
            } else if place < pattern.count, pattern[place] == UInt8(ascii: "?") || pattern[place] == name[at] {
                (place, at) = (place + 1, at + 1)
            } else if let last = retry {
                retry = (last.place, last.at + 1)
                (place, at) = (last.place + 1, last.at + 1)
            } else {
                return false
            }
        }
        return pattern[place...].allSatisfy { $0 == UInt8(ascii: "*") }
    }
}
