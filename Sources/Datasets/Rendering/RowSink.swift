//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Digest
internal import JSON
internal import Resources

/// How the rows of a source are parted into those to train on and those to validate on.
enum RowParting: Hashable, Sendable {
    /// All train.
    case none
    /// Those validate whose place is below a share.
    case fraction(Double, seed: Int)
    /// Those validate that have these numbers, from 0 and in order.
    case numbers([Int])
}

/// What is known of the rows of one side.
struct RowCounts: Hashable, Sendable {
    var size = 0
    var rows = 0
    var tokens = 0
    var digest: ContentDigest
}

/// The rows of a source by their sides.
struct RenderedSides: Sendable {
    /// The rows to train on.
    let train: RowCounts
    /// The rows to validate on.
    let validation: RowCounts
    /// The SHA-256 of the source's bytes.
    let source: ContentDigest
    /// The form that the rows have; none without rows.
    let form: RenderedRow.Form?
}

/// Parts the rows of one block after the other by their numbers, counts them and takes their digests.
struct RowSink: ~Copyable {
    private let name: String
    private let chosen: [Int]
    private var place = 0
    private var number = 0
    private var lines = 0
    private var train = Side()
    private var validation = Side()
    private var problems = RowProblems()
    private var forms: Set<RenderedRow.Form> = []

    private struct Side: ~Copyable {
        var size = 0
        var rows = 0
        var tokens = 0
        var hasher = SHA256Hasher()

        mutating func append(_ rows: RenderedBlock.Rows) {
            size += rows.bytes.count
            self.rows += rows.count
            tokens += rows.tokens
            hasher.update(rows.bytes)
        }

        mutating func finish() -> RowCounts {
            RowCounts(size: size, rows: rows, tokens: tokens, digest: ContentDigest(hasher.next()))
        }
    }

    /// Whether rows have several forms.
    var isMixed: Bool { forms.count > 1 }

    /// Makes a sink for the rows of a source.
    init(_ name: String, parting: RowParting) {
        self.name = name
        chosen = if case .numbers(let numbers) = parting { numbers } else { [] }
    }

    /// Takes the rows of the next block, and gives them back parted. Behind a problem rows do not count any more.
    mutating func append(_ block: RenderedBlock) -> RenderedBlock {
        problems.append(block.problems, behind: lines)
        lines += block.lines
        forms.formUnion(block.forms)
        let block = part(block)
        train.append(block.train)
        validation.append(block.validation)
        return block
    }

    /// Takes out of the rows to train on those that were chosen by their numbers.
    private mutating func part(_ block: RenderedBlock) -> RenderedBlock {
        let end = number + block.train.count
        defer { number = end }
        guard place < chosen.count, chosen[place] < end else { return block }
        var parted = block
        parted.train.removeAll()
        for line in block.train.bytes.split(separator: UInt8(ascii: "\n")) {
            if place < chosen.count, chosen[place] == number {
                let tokens = (try? JSONParser.parse(line)).flatMap(RenderedRow.init(json:))?.tokens ?? 0
                parted.validation.append(line, tokens: tokens)
                place += 1
            } else {
                parted.train.append(line, tokens: 0)
            }
            number += 1
        }
        parted.train.tokens = block.train.tokens - parted.validation.tokens
        return parted
    }

    /// All rows by their sides, or what is wrong with them.
    mutating func finish(source: ContentDigest) throws(DatasetError) -> RenderedSides {
        if let error = problems.error(in: name, isNoRows: false) { throw error }
        return RenderedSides(
            train: train.finish(),
            validation: validation.finish(),
            source: source,
            form: forms.first
        )
    }
}

extension ContentDigest {
    /// A digest that was computed.
    init(_ digest: SHA256Digest) {
        guard let content = ContentDigest(rawValue: digest.hex) else {
            preconditionFailure("a SHA-256 has 64 hexadecimal digits")
        }
        self = content
    }
}
