//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Digest
internal import JSON

/// Whole lines of a source, one behind the other; only the last line of a source may lack its line feed.
typealias LineBlock = [UInt8]

/// What the lines of one block became.
struct RenderedBlock: Sendable {
    /// Rows in order: each row's canonical JSON and a line feed.
    struct Rows: Sendable {
        var bytes: [UInt8] = []
        var count = 0
        var tokens = 0
    }

    /// The rows to train on; all rows where their numbers tell the sides.
    var train = Rows()
    /// The rows to validate on.
    var validation = Rows()
    /// What was to be noted of each row, in order.
    var notes: [SHA256Digest] = []
    /// How many lines the block has.
    var lines = 0
    /// The forms of the rows.
    var forms: Set<RenderedRow.Form> = []
    /// What is wrong, lines counted from the block's first.
    var problems = RowProblems()
    /// Rows that lack a field, likewise.
    var missing = MissingFields()

    /// Bytes of rows that a block may become, which a long template makes of many short rows.
    static let limit = 512 << 20
    /// Bytes of its rows.
    var size: Int { train.bytes.count + validation.bytes.count }

    /// Makes it empty, its memory kept for the next block.
    mutating func removeAll() {
        train.removeAll()
        validation.removeAll()
        notes.removeAll(keepingCapacity: true)
        lines = 0
        forms.removeAll(keepingCapacity: true)
        problems = RowProblems()
        missing = MissingFields()
    }
}

/// Renders blocks of lines, each on its own.
struct BlockRenderer: Sendable {
    private let file: String
    private let program: RowProgram
    private let renderer: RowRenderer
    private let parting: RowParting
    private let note: Note
    private let countsTokens: Bool
    private let limit: Int

    /// What is noted of each row.
    enum Note: Sendable {
        case nothing
        /// The digest of its canonical JSON.
        case digests
        /// Its place among all, by which validation rows are chosen.
        case places(seed: Int)
    }

    /// Makes a renderer; problems name the file.
    init(
        file: String,
        renderer: RowRenderer,
        parting: RowParting,
        wanted: RenderingPass.Wanted,
        limit: Int = RenderedBlock.limit
    ) {
        self.file = file
        self.limit = limit
        self.renderer = renderer
        self.parting = parting
        note = wanted.note
        countsTokens = wanted.tokens
        program = RowProgram(renderer.template)
    }

    /// What blocks are rendered with; kept from block to block, so that a row costs no memory of its own.
    struct Work: ~Copyable {
        /// What the last block became.
        var result = RenderedBlock()
        fileprivate var buffers = RowBuffers()
        fileprivate var hasher = SHA256Hasher()
    }

    /// Renders the lines of a block.
    func render(_ block: LineBlock, _ work: inout Work) {
        work.result.removeAll()
        work.result.train.bytes.reserveCapacity(block.count + block.count / 4)
        let bytes = block.span
        var start = 0
        while start < bytes.count {
            work.result.lines += 1
            if work.result.size <= limit, let end = program.render(bytes, from: start, into: &work.buffers) {
                let tokens = countsTokens ? program.tokens(bytes, &work.buffers) : 0
                append(&work, form: work.buffers.form, tokens: tokens)
                start = end + 1
            } else {
                let end = bytes.index(of: UInt8(ascii: "\n"), from: start)
                let line = block[start..<(end ?? block.count)]
                renderWithCare(
                    LineReader.Line(number: work.result.lines, bytes: line, isTerminated: end != nil),
                    &work
                )
                start = (end ?? bytes.count) + 1
            }
        }
    }

    private func renderWithCare(_ line: LineReader.Line, _ work: inout Work) {
        guard !line.isBlank else { return }
        guard work.result.size <= limit else {
            let reason = "the rows before become more than \(limit >> 20) MiB by the template: it is too long for them"
            return work.result.problems.append(
                RowProblem(in: file, line: line.number, bytes: line.bytes, reason: reason)
            )
        }
        switch RowReader.element(of: line, in: file) {
        case .problem(let problem): work.result.problems.append(problem)
        case .row(let row):
            do throws(RenderError) {
                let rendered = try renderer.render(row.fields)
                var bytes: [UInt8] = []
                rendered.write(to: &bytes)
                work.buffers.line.clear()
                work.buffers.line.append(bytes)
                append(&work, form: rendered.form, tokens: countsTokens ? rendered.tokens : 0)
            } catch {
                note(error, of: row, in: &work.result)
            }
        }
    }

    private func note(_ error: RenderError, of row: RowReader.Row, in result: inout RenderedBlock) {
        let problem = RowProblem(in: file, line: row.line, bytes: row.bytes, reason: error.message)
        let lacking = renderer.lacking(row.fields)
        let isLack = result.missing.take(problem, of: row.fields, lacking: lacking, first: error.missing)
        if !isLack { result.problems.append(problem) }
    }

    private func append(_ work: inout Work, form: RenderedRow.Form, tokens: Int) {
        work.result.forms.insert(form)
        let validates = work.buffers.line.withSpan { row in
            switch note {
            case .nothing: break
            case .digests: work.result.notes.append(work.hasher.digest(of: row))
            case .places(let seed): work.result.notes.append(work.hasher.place(of: row, seed: seed))
            }
            guard case .fraction(let share, let seed) = parting else { return false }
            return work.hasher.place(of: row, seed: seed).isBelow(share)
        }
        if validates {
            work.result.validation.append(work.buffers.line, tokens: tokens)
        } else {
            work.result.train.append(work.buffers.line, tokens: tokens)
        }
    }
}

extension RenderedBlock.Rows {
    /// Adds a row.
    mutating func append(_ row: borrowing JSONLine, tokens: Int) {
        row.withSpan { bytes.append($0, 0..<$0.count) }
        bytes.append(UInt8(ascii: "\n"))
        count += 1
        self.tokens += tokens
    }

    /// Adds a row.
    mutating func append(_ row: ArraySlice<UInt8>, tokens: Int) {
        bytes.append(contentsOf: row)
        bytes.append(UInt8(ascii: "\n"))
        count += 1
        self.tokens += tokens
    }

    /// Makes it empty, its memory kept.
    mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        (count, tokens) = (0, 0)
    }
}
