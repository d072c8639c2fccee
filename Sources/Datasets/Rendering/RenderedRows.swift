//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import JSON
package import Resources

/// What rows are for.
package enum RowSide: Sendable {
    /// To train on.
    case train
    /// To validate on.
    case validation
}

extension RenderedBlock {
    /// The rows of a side.
    subscript(side: RowSide) -> Rows { side == .train ? train : validation }
}

extension RenderedSides {
    /// The rows of a side.
    subscript(side: RowSide) -> RowCounts { side == .train ? train : validation }
}

/// Rendered rows of one side, as they stand in `train.jsonl` or `validation.jsonl`: each row's canonical JSON and a line
/// feed.
///
/// They are counted and not kept. Who wants the rows themselves renders the source once more, which costs less than to
/// read them back.
package struct RenderedRows: Sendable {
    let source: RowSource
    let renderer: RowRenderer
    let parting: RowParting
    private let side: RowSide
    /// What is known of the rows.
    package let counts: RowCounts

    init(_ source: RowSource, _ renderer: RowRenderer, parting: RowParting, side: RowSide, counts: RowCounts) {
        self.source = source
        self.renderer = renderer
        self.parting = parting
        self.side = side
        self.counts = counts
    }

    /// How many bytes the rows have.
    package var size: Int { counts.size }
    /// How many rows there are.
    package var count: Int { counts.rows }
    /// The estimated tokens of all rows' texts; what a trainer adds at start and end is not counted.
    package var tokens: Int { counts.tokens }
    /// The SHA-256 of the bytes.
    package var digest: ContentDigest { counts.digest }

    /// Hands the bytes over in order, some whole rows at a time; fails at the end where the source was changed since.
    package func write(to sink: (ArraySlice<UInt8>) throws -> Void) throws {
        let sides = try RenderingPass(source, renderer, parting: parting).run { block in
            if block[side].count > 0 { try sink(block[side].bytes[...]) }
        }
        guard sides[side].digest == digest else {
            throw DatasetError.changed(source.name)
        }
    }

    /// All bytes, of rows that are known to be few.
    package func bytes() throws -> [UInt8] {
        var all: [UInt8] = []
        all.reserveCapacity(size)
        try write { all.append(contentsOf: $0) }
        return all
    }

    /// All rows, read back, of rows that are known to be few.
    package func rows() throws -> [RenderedRow] {
        try bytes().split(separator: UInt8(ascii: "\n"))
            .compactMap { RenderedRow(json: try JSONParser.parse($0)) }
    }

    /// Adds the digests of the rows of both sides.
    func addRowDigests(to digests: inout RowDigests) throws {
        let wanted = RenderingPass.Wanted(note: .digests)
        _ = try RenderingPass(source, renderer, parting: .none, wanted: wanted).run { try digests.append($0.notes) }
    }
}
