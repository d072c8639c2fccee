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
    /// What rendering stood at when the file was smaller, the latest last.
    private(set) var past: [PastRows] = []

    /// How often a file may have grown before the first time is forgotten.
    private static let remembered = 64

    /// Whether rows have several forms.
    var isMixed: Bool { forms.count > 1 }
}

/// The rows that a file had when it was smaller: those that it has now begin with them.
struct PastRows: Hashable, Sendable {
    /// The digest of those to train on.
    let train: ContentDigest
    /// The digest of those of the same file that validate; nothing without any.
    let validation: ContentDigest?
    /// How many there were.
    let rows: Int
}

extension RenderingState {
    /// How many rows there are.
    var rows: Int { train.rows + validation.rows }

    /// Remembers that the file once ended here.
    mutating func notePast() {
        let others = validation.rows > 0 ? validation.counts.digest : nil
        past =
            past.suffix(Self.remembered - 1)
            + [PastRows(train: train.counts.digest, validation: others, rows: rows)]
    }
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
        packer.list(past) { packer, past in
            packer.text(past.train.rawValue)
            packer.optional(past.validation) { $0.text($1.rawValue) }
            packer.int(past.rows)
        }
    }

    init(from unpacker: inout Unpacker) throws(PackingError) {
        train = try unpacker.value()
        validation = try unpacker.value()
        for name in try unpacker.list({ unpacker throws(PackingError) in try unpacker.text() }) {
            guard let form = RenderedRow.Form(rawValue: name) else { throw PackingError() }
            forms.insert(form)
        }
        steps = try unpacker.optional { unpacker throws(PackingError) in try unpacker.value() }
        past = try unpacker.list { unpacker throws(PackingError) in
            let train = try unpacker.contentDigest()
            let validation = try unpacker.optional { unpacker throws(PackingError) in try unpacker.contentDigest() }
            return PastRows(train: train, validation: validation, rows: try unpacker.int())
        }
    }
}

extension Unpacker {
    fileprivate mutating func contentDigest() throws(PackingError) -> ContentDigest {
        guard let digest = ContentDigest(rawValue: try text()) else { throw PackingError() }
        return digest
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
