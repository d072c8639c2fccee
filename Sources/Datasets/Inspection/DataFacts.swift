//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Resources

/// What a look at every rendered row found: figures for estimates and statistics, and what is worth a warning.
package struct DataFacts: Hashable, Sendable {
    /// Rows of a kind: how many, and the number of the first.
    package struct Found: Hashable, Sendable {
        /// How many there are.
        package var count = 0
        /// The first one's number, from 1, as `ftops data preview --row` takes it; nothing where all of them are in a
        /// source of rows that only validate.
        package var first: Int?

        /// Makes what was found; nothing yet.
        package init(count: Int = 0, first: Int? = nil) {
            self.count = count
            self.first = first
        }

        mutating func add(_ number: Int?, times: Int = 1) {
            count += times
            if first == nil { first = number }
        }
    }

    /// The rows of one side.
    package struct Side: Hashable, Sendable {
        /// Their number.
        package var rows = 0
        /// Their bytes as the trainer reads them.
        package var bytes = 0
        /// How long they are, in estimated tokens.
        package var lengths = RowLengths()
        /// How long the part is that the model is only shown.
        package var prompts = RowLengths()

        /// Makes an empty side.
        package init() {}
    }

    /// The rows to train on.
    package var train = Side()
    /// The rows to validate on.
    package var validation = Side()
    /// The longest row.
    package var longest = Found()
    /// Rows that are the same as an earlier one of their side.
    package var duplicates = Found()
    /// Validation rows that also train; where they have a source of their own, the number counts its rows.
    package var leaked = Found()
    /// Whether there were so many different rows that these two figures are estimated from a part of them.
    package var areRepeatsEstimated = false
    /// Evaluation prompts that also train, by their number.
    package var asked = Found()
    /// Rows that have something worth telling, by what it is.
    package var traits: [RowTrait: Found] = [:]
    /// Fields of the first rows that are not rendered.
    package var unusedFields: [String] = []
    /// How often each completion is given; empty where completions are no labels.
    package var labels: [String: Int] = [:]
    /// Letters by script, those of the template's own text left out.
    package var scripts: [String: Int] = [:]

    /// Makes facts of no rows.
    package init() {}
}

/// Something in a row that is worth telling.
package enum RowTrait: String, Hashable, Sendable, CaseIterable {
    /// Nothing of the row is in its prompt.
    case emptyPrompt = "empty_prompts"
    /// Nothing of the row is in what is learned from it.
    case emptyCompletion = "empty_completions"
    /// It has an e-mail address.
    case email = "emails"
    /// It has a phone number.
    case phone = "phones"
    /// It has what looks like a key, a token or a password.
    case key = "keys"
}

/// The traits of one row.
struct RowTraits: OptionSet, Hashable, Sendable {
    let rawValue: UInt8

    init(rawValue: UInt8) { self.rawValue = rawValue }

    init(_ trait: RowTrait) {
        rawValue =
            switch trait {
            case .emptyPrompt: 1
            case .emptyCompletion: 2
            case .email: 4
            case .phone: 8
            case .key: 16
            }
    }
}
