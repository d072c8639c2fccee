//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Digest
internal import Packing
internal import Resources

/// Where the rendering of rows stands between two of them, so that it can go on later.
struct RenderingState: Sendable {
    /// The rows of a side.
    struct Side: Sendable {
        var size = 0
        var rows = 0
        var tokens = 0
        var hasher = SHA256Hasher()
    }

    /// The rows to train on.
    var train = Side()
    /// The rows to validate on.
    var validation = Side()
    /// The forms of the rows.
    var forms: Set<RenderedRow.Form> = []
    /// What the steps took; nothing where there are none.
    var steps: RowStepCounts?

    /// Whether rows have several forms.
    var isMixed: Bool { forms.count > 1 }
}

extension RenderingState.Side {
    /// Adds rows.
    mutating func append(_ rows: RenderedBlock.Rows) {
        size += rows.bytes.count
        self.rows += rows.count
        tokens += rows.tokens
        hasher.update(rows.bytes)
    }

    /// What is known of the rows.
    var counts: RowCounts { RowCounts(size: size, rows: rows, tokens: tokens, digest: ContentDigest(hasher.digest)) }
}

extension RenderingState: Packable {
    func pack(to packer: inout Packer) {
        packer.value(train)
        packer.value(validation)
        packer.list(forms.map(\.rawValue).sorted()) { $0.text($1) }
        packer.optional(steps) { $0.value($1) }
    }

    init(from unpacker: inout Unpacker) throws(PackingError) {
        train = try unpacker.value()
        validation = try unpacker.value()
        for name in try unpacker.list({ unpacker throws(PackingError) in try unpacker.text() }) {
            guard let form = RenderedRow.Form(rawValue: name) else { throw PackingError() }
            forms.insert(form)
        }
        steps = try unpacker.optional { unpacker throws(PackingError) in try unpacker.value() }
    }
}

extension RenderingState.Side: Packable {
    func pack(to packer: inout Packer) {
        for number in [size, rows, tokens] { packer.int(number) }
        packer.value(hasher)
    }

    init(from unpacker: inout Unpacker) throws(PackingError) {
        (size, rows, tokens) = (try unpacker.int(), try unpacker.int(), try unpacker.int())
        hasher = try unpacker.value()
    }
}

extension SHA256Hasher: Packable {
    func pack(to packer: inout Packer) { packer.run(state[...]) }

    init(from unpacker: inout Unpacker) throws(PackingError) {
        guard let hasher = SHA256Hasher(state: try unpacker.run()) else { throw PackingError() }
        self = hasher
    }
}

extension RowStepCounts: Packable {
    func pack(to packer: inout Packer) {
        for number in [rows, filtered, duplicates, beyondLimit, beyondWeights] { packer.int(number) }
    }

    init(from unpacker: inout Unpacker) throws(PackingError) {
        self.init()
        (rows, filtered, duplicates) = (try unpacker.int(), try unpacker.int(), try unpacker.int())
        (beyondLimit, beyondWeights) = (try unpacker.int(), try unpacker.int())
    }
}
