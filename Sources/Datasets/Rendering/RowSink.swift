//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Digest
internal import JSON
package import Resources

/// How the rows of a source are parted into those to train on and those to validate on.
enum RowParting: Hashable, Sendable {
    /// All train.
    case none
    /// Those validate whose place is below a share.
    case fraction(Double, seed: Int)
    /// Those validate that have these numbers, from 0 and in order.
    case numbers([Int])

    /// The numbers of those that validate, where numbers tell them.
    var numbers: [Int]? { if case .numbers(let numbers) = self { numbers } else { nil } }
}

/// What is known of the rows of one side.
package struct RowCounts: Hashable, Sendable {
    /// How many bytes they have.
    package var size = 0
    /// How many rows there are.
    package var rows = 0
    /// Their estimated tokens; zero where they were not asked for.
    package var tokens = 0
    /// The SHA-256 of their bytes.
    package var digest: ContentDigest
}

/// The rows of a source by their sides.
struct RenderedSides: Sendable {
    /// The rows to train on.
    let train: RowCounts
    /// The rows to validate on.
    let validation: RowCounts
    /// The SHA-256 of the source's bytes; none where it was not asked for.
    var source: ContentDigest?
    /// The form that the rows have; none without rows.
    let form: RenderedRow.Form?

    /// Makes the sides of all rows that were rendered, of a source with a digest.
    init(_ state: RenderingState, source: ContentDigest?) {
        (train, validation) = (state.train.counts, state.validation.counts)
        (self.source, form) = (source, state.forms.first)
    }
}

/// Parts the rows of one block after the other by their numbers, counts them and takes their digests.
struct RowSink {
    private let name: String
    private let chosen: [Int]
    private var place = 0
    private var number: Int
    private var lines = 0
    /// What is known of the rows so far.
    private(set) var state: RenderingState
    private var problems = RowProblems()
    private var missing = MissingFields()

    /// Makes a sink for the rows of a source, that goes on from what is known of those before.
    init(_ name: String, parting: RowParting, from state: RenderingState) {
        self.name = name
        self.state = state
        number = state.train.rows + state.validation.rows
        chosen = parting.numbers ?? []
    }

    /// Takes the rows of the next block, and parts them. Behind a problem rows do not count any more.
    mutating func append(_ block: inout RenderedBlock) {
        problems.append(block.problems, behind: lines)
        missing.append(block.missing, behind: lines)
        lines += block.lines
        state.forms.formUnion(block.forms)
        part(&block)
        state.train.append(block.train)
        state.validation.append(block.validation)
    }

    /// Takes out of the rows to train on those that were chosen by their numbers.
    private mutating func part(_ block: inout RenderedBlock) {
        let end = number + block.train.count
        defer { number = end }
        guard place < chosen.count, chosen[place] < end else { return }
        let rows = block.train
        block.train = RenderedBlock.Rows()
        for line in rows.bytes.split(separator: UInt8(ascii: "\n")) {
            if place < chosen.count, chosen[place] == number {
                block.validation.append(line, tokens: rows.tokens == 0 ? 0 : Self.tokens(of: line))
                place += 1
            } else {
                block.train.append(line, tokens: 0)
            }
            number += 1
        }
        block.train.tokens = rows.tokens - block.validation.tokens
    }

    private static func tokens(of line: ArraySlice<UInt8>) -> Int {
        (try? JSONParser.parse(line)).flatMap(RenderedRow.init(json:))?.tokens ?? 0
    }

    /// What is known of all rows, or what is wrong with them: with the renderer, if it is given, where all lack a field.
    mutating func finish(_ renderer: RowRenderer?) throws(DatasetError) -> RenderingState {
        let rendered = state.train.rows + state.validation.rows
        let absent = missing.absent(among: renderer?.fields ?? [], rendered: rendered)
        for others in missing.problems(but: absent) { problems.merge(others) }
        let wrong = problems.error(in: name, isNoRows: false)
        guard absent.isEmpty else {
            let fields = AbsentFields(
                names: absent,
                known: missing.firstFields,
                rows: missing.rows,
                areOfTemplate: renderer?.template != nil,
                source: name
            )
            throw DatasetError(fields, beside: wrong)
        }
        if let wrong { throw wrong }
        return state
    }
}

extension ContentDigest {
    /// A digest that was computed.
    init(_ digest: SHA256Digest) { self.init(words: digest.words) }
}
