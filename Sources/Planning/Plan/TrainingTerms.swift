//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Resources

/// What a fine-tune's manifest says of whether and when it may train; no part of any fingerprint.
package struct TrainingTerms: Hashable, Sendable {
    /// What it may take.
    package var budget: FineTune.Budget?
    /// The licence of the BaseModel.
    package var license: String?
    /// What it reads from outside of the commit and does not pin, in words; sorted.
    package var unpinned: [String]
    /// Where the BaseModel says how much memory trains it.
    package var memory: SourceRange?
    /// Why nothing is to be done for it.
    package var suspension: Suspension?
    /// Where the manifest says each of this, by paths such as `spec.suspend`.
    package var fields: FieldPlaces

    /// Makes terms.
    package init(
        budget: FineTune.Budget? = nil,
        license: String? = nil,
        unpinned: [String] = [],
        memory: SourceRange? = nil,
        suspension: Suspension? = nil,
        fields: FieldPlaces = [:]
    ) {
        self.budget = budget
        self.license = license
        self.unpinned = unpinned
        self.memory = memory
        self.suspension = suspension
        self.fields = fields
    }
}
