//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Digest
internal import Resources

/// Rows of one file that are rendered one by one, so that those that are added to it are all there is to render.
struct GrowingRendering {
    private let file: GrowingFile
    private let dataset: Dataset
    private let renderer: RowRenderer
    private let parting: RowParting

    /// Prepares for the rows of a dataset; nothing where all rows have to be seen to tell what becomes of one, or the
    /// file is so small that it does not matter.
    init?(_ source: RowSource, _ dataset: Dataset, _ renderer: RowRenderer, smallest: Int) throws {
        guard dataset.isReadRowByRow, let file = try GrowingFile(source), file.end >= smallest else { return nil }
        (self.file, self.dataset, self.renderer) = (file, dataset, renderer)
        if case .fraction(let share, let seed) = dataset.validation {
            parting = .fraction(share, seed: seed)
        } else {
            parting = .none
        }
    }

    /// Renders what follows on what is known, if the file still begins with that; `keep` gets what is known then.
    ///
    /// Nothing where it cannot go on from there: then reading the file from its start tells why.
    func run(
        from known: Standing<RenderingState>?,
        keep: (Standing<RenderingState>) -> Void
    ) throws -> (state: RenderingState, source: ContentDigest, growth: Growth)? {
        var start = Standing(RenderingState())
        if let known, try file.hasher(of: known.prefix) != nil { start = known }
        do {
            var lines = try advance(start, to: file.end)
            if lines.length > start.length {
                lines.state.notePast()
                keep(lines)
            }
            let all = try advance(lines, to: file.size)
            var growth = Growth(lines: lines.prefix, size: file.size, past: all.state.past)
            growth.start = start.length > 0 ? start.prefix : nil
            return (all.state, all.prefix.digest, growth)
        } catch {
            if start.length == 0, file.end == file.size { throw error }
            return nil
        }
    }

    private func advance(_ standing: Standing<RenderingState>, to end: Int) throws -> Standing<RenderingState> {
        guard standing.length < end else { return standing }
        let stretch = file.stretch(standing.length..<end, standing.hasher)
        let known = standing.state
        let selected = try SelectedSource(stretch.rows, dataset, template: renderer.template, from: known.steps)
        let rows = selected.rows
        let wanted = RenderingPass.Wanted(tokens: true)
        let pass = try RenderingPass(rows, renderer, parting: parting, wanted: wanted, from: known)
        var next = standing
        do { next.state = try pass.advance() } catch { throw rows.placing(.unreadable(rows.name, error)) }
        // The form of the first row of all is the one that tells what is wrong.
        guard !next.state.isMixed else { throw DatasetError(.badRows, "rows of \(rows.name) have several forms") }
        next.state.steps = selected.counts
        (next.length, next.hasher) = (end, stretch.hasher)
        return next
    }
}

extension Dataset {
    /// Whether what becomes of a row follows from it and those before it, which nobody has to know by heart.
    fileprivate var isReadRowByRow: Bool {
        guard dedupe == nil, shuffle == nil else { return false }
        switch validation {
        case .rows: return false
        case .fraction, .source, nil: return true
        }
    }
}
