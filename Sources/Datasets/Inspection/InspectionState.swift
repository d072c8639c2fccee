//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Packing
internal import Resources

/// Where a look at rows stands between two of them, so that it can go on later.
struct InspectionState: Sendable {
    /// What was found that has an order.
    var tally: RowTally
    /// What has none.
    var findings = RowFindings()
    /// The fields of the first rows that are not rendered.
    var unused = UnusedFields()
    /// What the dataset's steps took; nothing where there are none.
    var steps: RowStepCounts?

    /// Starts before the first row.
    init(_ parting: RowParting) { tally = RowTally(parting) }
}

extension InspectionState: Packable {
    func pack(to packer: inout Packer) {
        packer.value(tally)
        packer.value(findings)
        packer.value(unused)
        packer.optional(steps) { $0.value($1) }
    }

    init(from unpacker: inout Unpacker) throws(PackingError) {
        (tally, findings, unused) = (try unpacker.value(), try unpacker.value(), try unpacker.value())
        steps = try unpacker.optional { unpacker throws(PackingError) in try unpacker.value() }
    }
}
