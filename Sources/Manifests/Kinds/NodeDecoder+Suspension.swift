//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Resources
import YAML

extension NodeDecoder {
    mutating func suspension(_ field: Field?) -> Suspension? {
        guard let fields = fields(field) else { return nil }
        let until = instant(fields["until"])
        guard let reason = filledText(fields["reason"]) else { return nil }
        return Suspension(reason: reason, until: until)
    }

    /// A time, or a date, which means its beginning in UTC.
    private mutating func instant(_ field: Field?) -> Timestamp? {
        scalar(field, "a time such as `2026-12-01` or `2026-12-01T08:00:00Z`, in UTC") { scalar in
            Timestamp(scalar.text) ?? Timestamp(scalar.text + "T00:00:00Z")
        }
    }
}
