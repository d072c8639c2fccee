//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Digest
internal import JSON
internal import Resources

/// What the steps have to know of each line of a block; blocks are looked at side by side.
struct SelectedBlock: Sendable {
    /// What stands on a line.
    enum Kind: Sendable {
        case blank
        case filtered
        case row
        /// No row, or one that the filter cannot judge: it stays, so that rendering reports it.
        case problem
    }

    /// One line.
    struct Line: Sendable {
        var range: Range<Int>
        var kind: Kind
        /// Tells rows apart.
        var identity = RowHash(0, 0)
        /// The row's place in a shuffled order.
        var order: UInt64 = 0
    }

    var lines: [Line] = []
    /// For each row in order, what tells near ones.
    var signatures: [MinHash] = []
    /// What is wrong, by the line's index; for those lines that are rows otherwise.
    var problems: [Int: String] = [:]
    /// Which of the filter's fields some row has.
    var seen: Set<Int> = []
}

/// Half a SHA-256, which tells rows apart as well as a whole one and takes half the memory.
struct RowHash: Hashable, Sendable {
    let first: UInt64
    let second: UInt64

    init(_ first: UInt64, _ second: UInt64) { (self.first, self.second) = (first, second) }

    init(_ digest: SHA256Digest) { self.init(digest.words.0, digest.words.1) }
}

/// Looks at blocks of lines for the steps.
struct BlockSelector: Sendable {
    let steps: RowSteps
    let identity: RowIdentity

    private var needsIdentity: Bool { steps.dedupe != nil || steps.shuffle != nil }

    func select(_ block: LineBlock) -> SelectedBlock {
        var result = SelectedBlock()
        let filterFields = steps.filter?.fields ?? []
        var fields = RowFields(filterFields.map(\.name) + (needsIdentity ? identity.fields : []))
        var run = steps.filter.map { RowFilterRun($0) }
        var hasher = SHA256Hasher()
        var start = 0
        while start < block.count {
            let end = block.span.index(of: UInt8(ascii: "\n"), from: start) ?? block.count
            var line = SelectedBlock.Line(range: start..<end, kind: .row)
            start = end + 1
            if LineReader.Line(number: 1, bytes: block[line.range], isTerminated: true).isBlank {
                line.kind = .blank
            } else if let row = fields.read(block, line.range) {
                result.seen.formUnion(filterFields.indices.filter { row[filterFields[$0].name] != nil })
                do throws(RenderError) {
                    if try run?.keeps(row) == false { line.kind = .filtered }
                } catch {
                    line.kind = .problem
                    result.problems[result.lines.count] = error.message
                }
                if line.kind == .row, needsIdentity { identify(row, &line, &hasher, &result) }
            } else {
                line.kind = .problem
            }
            result.lines.append(line)
        }
        return result
    }

    private func identify(
        _ row: JSONObject,
        _ line: inout SelectedBlock.Line,
        _ hasher: inout SHA256Hasher,
        _ result: inout SelectedBlock
    ) {
        var bytes: [UInt8] = []
        identity.write(row, to: &bytes)
        if let seed = steps.shuffle {
            // Not the place by which rows validate: the first rows of a shuffle would all validate with the same seed.
            hasher.update("shuffle\n\(seed)\n")
            line.order = hasher.digest(of: bytes.span).words.0
        }
        switch steps.dedupe {
        case .exact: line.identity = RowHash(hasher.digest(of: bytes.span))
        case .near: result.signatures.append(MinHash(String(decoding: bytes, as: UTF8.self)))
        case nil: break
        }
    }
}
