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

/// Renders a source on all processors, some blocks at a time: memory stays flat however large the source is.
///
/// While some blocks are rendered, the next are read, their digest is taken, and the rows of those before are counted.
final class RenderingPass: Sendable {
    private let source: RowSource
    private let rowRenderer: RowRenderer
    private let blockRenderer: BlockRenderer
    private let reader: Mutex<BlockReader>
    private let hasher = Mutex(SHA256Hasher())
    private let sink: Mutex<RowSink>

    /// Blocks that are in work at once: enough that no processor waits, few enough that memory stays small.
    private static let batch = 4 * Machine.processors

    /// Prepares a pass that parts the rows in one way, or notes a digest of each.
    init(
        _ source: RowSource,
        _ renderer: RowRenderer,
        parting: RowParting,
        noting: BlockRenderer.Note = .nothing
    ) throws(DatasetError) {
        self.source = source
        rowRenderer = renderer
        blockRenderer = BlockRenderer(file: source.name, renderer: renderer, parting: parting, noting: noting)
        reader = Mutex(try BlockReader(source))
        sink = Mutex(RowSink(source.name, parting: parting))
    }

    /// Renders all rows, or tells which cannot be used; `output` gets the parted rows of one block after the other.
    func run(_ output: (RenderedBlock) throws -> Void = { _ in }) throws -> RenderedSides {
        var blocks = try readBlocks()
        if RowReader.isDoubtful(blocks) { try RowInspection.run(source, rowRenderer) }
        var before: [RenderedBlock] = []
        while !blocks.isEmpty || !before.isEmpty {
            let turn = try turn(blocks, before)
            for block in turn.parted { try output(block) }
            (blocks, before) = (turn.next, turn.rendered)
        }
        if sink.withLock({ $0.isMixed }) { try RowInspection.run(source, rowRenderer) }
        let digest = hasher.withLock { $0.next() }
        return try sink.withLock { sink throws(DatasetError) in try sink.finish(source: ContentDigest(digest)) }
    }

    /// What came of things that are done side by side.
    private struct Turn: Sendable {
        var next: [LineBlock] = []
        var rendered: [RenderedBlock] = []
        var parted: [RenderedBlock] = []
    }

    /// Renders some blocks, counts the rows of those before them, and reads those behind.
    private func turn(_ blocks: [LineBlock], _ before: [RenderedBlock]) throws(DatasetError) -> Turn {
        let parts = Concurrent.map(blocks.count + 3) { index in
            Result { () throws(DatasetError) -> Turn in
                switch index {
                case 0:
                    self.hasher.withLock { hasher in for block in blocks { hasher.update(block) } }
                    return Turn()
                case 1: return Turn(parted: self.sink.withLock { sink in before.map { sink.append($0) } })
                case 2: return Turn(next: try self.readBlocks())
                default: return Turn(rendered: [self.blockRenderer.render(blocks[index - 3])])
                }
            }
        }
        var turn = Turn()
        for part in parts {
            let part = try part.get()
            turn.next += part.next
            turn.rendered += part.rendered
            turn.parted += part.parted
        }
        return turn
    }

    private func readBlocks() throws(DatasetError) -> [LineBlock] {
        try reader.withLock { reader throws(DatasetError) in
            var blocks: [LineBlock] = []
            while blocks.count < Self.batch, let block = try reader.nextBlock() { blocks.append(block) }
            return blocks
        }
    }
}
