//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Packing

/// What was found in the texts of rows, in whatever order they came.
struct RowFindings: Sendable {
    /// The letters of the texts.
    var scripts = ScriptCount()
    /// The completions.
    var labels = LabelCount()
    /// How many rows there were.
    var rows = 0

    /// Adds what was found in other rows.
    mutating func add(_ other: RowFindings) {
        scripts.add(other.scripts)
        labels.add(other.labels)
        rows += other.rows
    }
}

extension RowFindings: Packable {
    func pack(to packer: inout Packer) {
        packer.value(scripts)
        packer.value(labels)
        packer.int(rows)
    }

    init(from unpacker: inout Unpacker) throws(PackingError) {
        (scripts, labels, rows) = (try unpacker.value(), try unpacker.value(), try unpacker.int())
    }
}
