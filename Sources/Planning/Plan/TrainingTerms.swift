//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Resources

/// What a fine-tune's manifest says of whether and when it may train; no part of any fingerprint.
package struct TrainingTerms: Hashable, Sendable {
    /// Why nothing is to be done for it.
    package var suspension: Suspension?
    /// Where the manifest says each of this, by paths such as `spec.suspend`.
    package var fields: [String: SourceRange]

    /// Makes terms.
    package init(suspension: Suspension? = nil, fields: [String: SourceRange] = [:]) {
        self.suspension = suspension
        self.fields = fields
    }
}
