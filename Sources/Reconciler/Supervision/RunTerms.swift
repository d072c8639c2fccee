//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Resources

/// What the manifests say of a run that is no part of its fingerprint, and may change while it is under way.
struct RunTerms {
    /// What it may take.
    var limits: RunLimits
    /// What an hour of it costs; nothing where no price is known.
    var pricePerHour: Money?
    /// Where its figures go.
    var tracking: [Project.Tracker]
}
