//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import JSON
internal import POSIX
internal import Resources

/// Reads the lines of a source and hands on those that the steps keep, in their order.
///
/// As long as the order stays, a line feed stands for each line that is left out, so that lines keep their numbers. For
/// a shuffled order the lines are spooled, and their places sorted: memory holds no rows.
final class SelectionStream {
    private let selector: BlockSelector
    private let steps: RowSteps
    private let name: String
    private var reader: BlockReader
    private var isStarted = false
    /// The source is no file of rows: all of it is handed on, and rendering says what it is.
    private var isForeign = false
    private var ready: [[UInt8]] = []
    private(set) var counts = RowStepCounts()
    private var seen: Set<Int> = []
    private var firstFields: [String] = []
    private var identities: Set<RowHash> = []
    private var near: NearRows?
    private var line = 0
    private var shuffle: ShuffledLines?

    private static let batch = 4 * Machine.processors

    /// Starts to choose among the rows of a source. Rows before them that `known` counts were all fit for the filter, and
    /// are not looked at again; so neither a dedupe nor a shuffle may be among the steps then.
    init(
        _ source: RowSource,
        _ steps: RowSteps,
        _ identity: RowIdentity,
        from known: RowStepCounts? = nil
    ) throws(DatasetError) {
        self.steps = steps
        name = source.name
        selector = BlockSelector(steps: steps, identity: identity)
        reader = try BlockReader(source)
        if case .near(let threshold) = steps.dedupe { near = NearRows(threshold) }
        if steps.shuffle != nil { shuffle = ShuffledLines() }
        if let known, known.rows > 0 {
            (counts, isStarted) = (known, true)
            seen = Set((steps.filter?.fields ?? []).indices)
        }
    }

    /// The numbers that the lines of a shuffled order have in the source, once all were read.
    var shuffledLines: [Int] { shuffle?.lines ?? [] }

    /// The next lines, or nothing at the end.
    func next() throws -> [UInt8]? {
        while ready.isEmpty {
            if shuffle?.isSorted == true { return try shuffle?.next() }
            let blocks = try readBlocks()
            if !isStarted {
                isStarted = true
                isForeign = RowReader.isDoubtful(blocks)
            }
            if isForeign {
                guard !blocks.isEmpty else { return nil }
                ready = blocks.reversed()
            } else if blocks.isEmpty {
                try checkFields()
                guard shuffle != nil else { return nil }
                counts.beyondLimit += shuffle?.sort(limit: steps.limit) ?? 0
            } else {
                try take(blocks)
            }
        }
        return ready.popLast()
    }

    private func readBlocks() throws(DatasetError) -> [LineBlock] {
        var blocks: [LineBlock] = []
        while blocks.count < Self.batch, let block = try reader.nextBlock() { blocks.append(block) }
        return blocks
    }

    private func take(_ blocks: [LineBlock]) throws {
        let selector = selector
        let selected = Concurrent.map(blocks.count) { selector.select(blocks[$0]) }
        for (block, selection) in zip(blocks, selected) { try take(block, selection) }
        ready.reverse()
    }

    private func take(_ block: LineBlock, _ selection: SelectedBlock) throws {
        var out: [UInt8] = []
        var signatures = selection.signatures[...]
        noteFields(block, selection)
        for (index, entry) in selection.lines.enumerated() {
            line += 1
            let isKept = keeps(entry, signature: entry.kind == .row ? signatures.popFirst() : nil)
            if isKept, let reason = selection.problems[index] {
                var mark: [UInt8] = []
                RowMark.write(reason, block[entry.range], to: &mark)
                try emit(mark[...], entry, to: &out)
            } else if isKept {
                try emit(block[entry.range], entry, to: &out)
            } else if shuffle == nil {
                out.append(0x0A)
            }
        }
        if !out.isEmpty { ready.append(out) }
    }

    private func emit(_ bytes: ArraySlice<UInt8>, _ entry: SelectedBlock.Line, to out: inout [UInt8]) throws {
        guard shuffle == nil else {
            try shuffle?.append(bytes, order: entry.order, line: line, isRow: entry.kind == .row)
            return
        }
        out.append(contentsOf: bytes)
        out.append(0x0A)
    }

    /// Whether a line is kept as far as filter, dedupe and an unshuffled limit say.
    private func keeps(_ entry: SelectedBlock.Line, signature: MinHash?) -> Bool {
        switch entry.kind {
        case .blank: return false
        case .problem: return true
        case .filtered:
            counts.rows += 1
            counts.filtered += 1
            return false
        case .row: counts.rows += 1
        }
        let isNew =
            if let signature { near?.insert(signature) ?? true } else {
                steps.dedupe == .exact ? identities.insert(entry.identity).inserted : true
            }
        guard isNew else {
            counts.duplicates += 1
            return false
        }
        guard shuffle == nil, let limit = steps.limit, counts.kept > limit else { return true }
        counts.beyondLimit += 1
        return false
    }

    // MARK: Fields of the filter

    private func noteFields(_ block: LineBlock, _ selection: SelectedBlock) {
        seen.formUnion(selection.seen)
        guard firstFields.isEmpty, steps.filter != nil,
            let line = selection.lines.first(where: { $0.kind == .row || $0.kind == .filtered })
        else { return }
        firstFields = (try? JSONParser.parse(block[line.range]))?.object?.keys ?? []
    }

    /// A field that no row has is a slip of the pen: it would silently keep or leave out everything.
    private func checkFields() throws(DatasetError) {
        let fields = steps.filter?.fields ?? []
        guard counts.rows > 0, let missing = fields.indices.first(where: { !seen.contains($0) }) else { return }
        let known = firstFields.prefix(8).map(quoted).joined(separator: ", ")
        throw DatasetError(
            .badFilter,
            "`filter` names the field \(quoted(fields[missing].name)), which no row of \(name) has; the first row has \(known)"
        )
    }
}
