//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Digest
internal import Resources

/// One pass over a source: all its rows rendered, with their digests and their places in the split.
struct RenderingPass {
    /// All rows in the order of the source.
    private(set) var rows = RenderedRows()
    /// The digest of each row.
    private(set) var digests: [SHA256Digest] = []
    /// The digest of the source's bytes.
    private(set) var sourceDigest = ContentDigest(SHA256Digest.of([]))

    private let renderer: RowRenderer
    private let split: ValidationSplit
    private let kept: ClosedRange<Int>?
    private var keptRows: [(row: RowReader.Row, rendered: RenderedRow)] = []
    private var places: [String] = []
    private var ends: [Int] = []
    private var firstRow: (line: Int, form: String)?

    init(
        _ source: RowSource,
        _ renderer: RowRenderer,
        split: ValidationSplit,
        pin: ContentDigest?,
        keeping kept: ClosedRange<Int>? = nil
    ) throws(DatasetError) {
        self.renderer = renderer
        self.split = split
        self.kept = kept
        try read(source)
        if let mismatch = Self.mismatch(of: source.name, pin: pin, found: sourceDigest) { throw mismatch }
        guard rows.count > 0 else { throw DatasetError(.noRows, "\(source.name) has no rows") }
    }

    private mutating func read(_ source: RowSource) throws(DatasetError) {
        var problems = RowProblems()
        var reader = try RowReader(source)
        var hasher = SHA256Hasher()
        while let element = try reader.next({ hasher.update($0) }) {
            switch element {
            case .problem(let problem): problems.append(problem)
            case .row(let row):
                do throws(RenderError) {
                    try append(row)
                } catch {
                    let reason = error.message
                    problems.append(RowProblem(in: source.name, line: row.line, bytes: row.bytes, reason: reason))
                }
            }
        }
        if let error = problems.error(in: source.name, isNoRows: reader.isNoRows) { throw error }
        sourceDigest = ContentDigest(hasher.finalize())
    }

    private mutating func append(_ row: RowReader.Row) throws(RenderError) {
        let rendered = try renderer.render(row.fields)
        try checkForm(of: rendered, line: row.line)
        var line: [UInt8] = []
        rendered.write(to: &line)
        digests.append(SHA256Digest.of(line))
        if let place = split.place(of: line[...]) { places.append(place) }
        rows.append(line[...], tokens: rendered.texts.reduce(0) { $0 + TokenEstimator.tokens(in: $1) })
        ends.append(rows.bytes.count - 1)
        if let kept, kept.contains(rows.count) { keptRows.append((row, rendered)) }
    }

    private mutating func checkForm(of row: RenderedRow, line: Int) throws(RenderError) {
        guard let first = firstRow else {
            firstRow = (line, row.form)
            return
        }
        guard first.form == row.form else {
            throw RenderError("the row has \(row.form), and the first row, on line \(first.line), has \(first.form)")
        }
    }

    private static func mismatch(of file: String, pin: ContentDigest?, found: ContentDigest) -> DatasetError? {
        guard let pin, pin != found else { return nil }
        return DatasetError(
            .digestMismatch,
            "\(file) is not the file that sha256 pins: expected \(pin), found \(found); "
                + "restore the file, or write the new digest where the change is meant"
        )
    }
}

extension RenderingPass {
    /// The rows to train on and those to validate on, each in the order of the source.
    func sides() -> (train: RenderedRows, validation: RenderedRows) {
        let sides = split.sides(of: places)
        guard sides.contains(true) else { return (rows, RenderedRows()) }
        var (train, validation) = (RenderedRows(), RenderedRows())
        var start = 0
        for (index, isValidation) in sides.enumerated() {
            let line = rows.bytes[start..<ends[index]]
            if isValidation {
                validation.append(line, tokens: rows.tokens[index])
            } else {
                train.append(line, tokens: rows.tokens[index])
            }
            start = ends[index] + 1
        }
        return (train, validation)
    }

    /// The rows that were to be kept.
    func previews() -> [RowPreview] {
        let sides = split.sides(of: places)
        let first = kept?.lowerBound ?? 1
        return keptRows.enumerated().map { offset, kept in
            let index = max(first, 1) - 1 + offset
            return RowPreview(
                number: index + 1,
                line: kept.row.line,
                count: rows.count,
                fields: kept.row.fields,
                rendered: kept.rendered,
                isValidation: !sides.isEmpty && sides[index],
                tokens: rows.tokens[index]
            )
        }
    }
}

extension RenderedRow {
    /// The fields that a row of this form has, for people.
    fileprivate var form: String {
        switch self {
        case .promptCompletion: "prompt and completion"
        case .text: "text"
        case .messages: "messages"
        }
    }
}
