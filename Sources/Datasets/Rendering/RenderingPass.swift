//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Digest
internal import JSON
internal import POSIX
internal import Resources
internal import Synchronization

/// Renders a source on all processors, a few blocks at a time: memory stays flat however large the source is.
///
/// Each processor takes a block through all steps while it is in its cache: reads it, renders it, and then, when the
/// blocks before have done so, digests it and hands it on.
final class RenderingPass: Sendable {
    /// What a pass is to find out beside the rows' digests.
    struct Wanted: Sendable {
        /// What is noted of each row.
        var note = BlockRenderer.Note.nothing
        /// Whether tokens are estimated.
        var tokens = false
        /// Whether the digest of the source's bytes is taken.
        var source = false
        /// Whether it is known that the template fits other rows, so that these are wrong where all lack a field.
        var blamesRows = false
    }

    private let source: RowSource
    private let rowRenderer: RowRenderer
    private let blockRenderer: BlockRenderer
    private let reader: Mutex<Reader>
    private let hasher = Mutex(SHA256Hasher())
    private let wanted: Wanted
    private let sink: Mutex<RowSink>
    private let failure = Mutex<(any Error)?>(nil)
    private let turns = (source: Turnstile(), sink: Turnstile(), output: Turnstile())

    /// The blocks in order, each with its number.
    private struct Reader {
        var blocks: BlockReader
        /// What was read before the pass began.
        var ahead: [LineBlock] = []
        var number = 0
    }

    /// Blocks that a file's first line is looked for in.
    private static let inspected = 8

    /// Prepares a pass that parts the rows in one way, and goes on from what is known of rows before them.
    init(
        _ source: RowSource,
        _ renderer: RowRenderer,
        parting: RowParting,
        wanted: Wanted = Wanted(),
        from state: RenderingState = RenderingState()
    ) throws(DatasetError) {
        self.source = source
        rowRenderer = renderer
        blockRenderer = BlockRenderer(file: source.name, renderer: renderer, parting: parting, wanted: wanted)
        reader = Mutex(Reader(blocks: try BlockReader(source)))
        self.wanted = wanted
        sink = Mutex(RowSink(source.name, parting: parting, from: state))
    }

    /// Renders all rows, or tells which cannot be used; `output` gets the parted rows of one block after the other.
    func run(_ output: (RenderedBlock) throws -> Void = { _ in }) throws -> RenderedSides {
        let state = try advance(output)
        let digest = hasher.withLock { ContentDigest($0.next()) }
        return RenderedSides(state, source: wanted.source ? digest : nil)
    }

    /// Renders all rows of the source, and tells what is known with those before.
    func advance(_ output: (RenderedBlock) throws -> Void = { _ in }) throws -> RenderingState {
        if RowReader.isDoubtful(try readStart()) { try RowInspection.run(source, rowRenderer) }
        withoutActuallyEscaping(output) { output in
            // Safe: it is called in its turnstile only, so by one thread at a time, and by none once `map` has returned.
            nonisolated(unsafe) let output = output
            _ = Concurrent.map(Machine.processors) { _ in self.work { try unsafe output($0) } }
        }
        if let error = failure.withLock({ $0 }) { throw error }
        if sink.withLock({ $0.state.isMixed }) { try RowInspection.run(source, rowRenderer) }
        return try sink.withLock { sink throws(DatasetError) in
            try sink.finish(wanted.blamesRows ? nil : rowRenderer)
        }
    }

    /// Reads up to the first line that is not blank, as far as it is worth it.
    private func readStart() throws(DatasetError) -> [LineBlock] {
        try reader.withLock { reader throws(DatasetError) in
            while reader.ahead.count < Self.inspected, let block = try reader.blocks.nextBlock() {
                reader.ahead.append(block)
                if block.contains(where: { $0 > 0x20 }) { break }
            }
            return reader.ahead
        }
    }

    /// Takes one block after the other through all steps. A block that was read has to pass every turnstile.
    private func work(_ output: (RenderedBlock) throws -> Void) {
        var work = BlockRenderer.Work()
        while let (number, block) = nextBlock() {
            if wanted.source { turns.source.pass(number) { hasher.withLock { $0.update(block) } } }
            blockRenderer.render(block, &work)
            turns.sink.pass(number) { sink.withLock { $0.append(&work.result) } }
            turns.output.pass(number) {
                guard failure.withLock({ $0 == nil }) else { return }
                do { try output(work.result) } catch { fail(error) }
            }
        }
    }

    private func nextBlock() -> (number: Int, LineBlock)? {
        guard failure.withLock({ $0 == nil }) else { return nil }
        return reader.withLock { reader in
            do {
                let ahead = reader.ahead.isEmpty ? nil : reader.ahead.removeFirst()
                guard let block = try ahead ?? reader.blocks.nextBlock() else { return nil }
                defer { reader.number += 1 }
                return (reader.number, block)
            } catch {
                fail(error)
                return nil
            }
        }
    }

    private func fail(_ error: any Error) { failure.withLock { $0 = $0 ?? error } }
}
