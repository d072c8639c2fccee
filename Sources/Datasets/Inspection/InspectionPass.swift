//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import JSON
internal import POSIX
internal import Resources
internal import Synchronization

/// Renders rows once more and looks at each of them, on all processors and a few blocks at a time.
///
/// It is a pass of its own: rendering is asked for more often than what is worth a warning.
final class InspectionPass: Sendable {
    private let renderer: BlockRenderer
    private let template: CompiledTemplate?
    private let reader: Mutex<(blocks: BlockReader, number: Int)>
    private let turnstile = Turnstile()
    private let state: Mutex<InspectionState>
    private let failure = Mutex<(any Error)?>(nil)

    /// Prepares to look at the rows of a source behind those that are known.
    init(_ source: RowSource, _ rows: RowRenderer, from state: InspectionState) throws {
        var wanted = RenderingPass.Wanted()
        if case .fraction(_, let seed) = state.tally.parting { wanted.note = .places(seed: seed) }
        template = rows.template
        renderer = BlockRenderer(file: source.name, renderer: rows, parting: .none, wanted: wanted)
        reader = Mutex((try BlockReader(source), 0))
        self.state = Mutex(state)
    }

    /// What was found, added to what was known before.
    func run(_ inspector: RowInspector) throws -> InspectionState {
        let found = Concurrent.map(Machine.processors) { _ in self.work(inspector) }
        if let error = failure.withLock({ $0 }) { throw error }
        var state = state.withLock { $0 }
        for findings in found { state.findings.add(findings) }
        return state
    }

    private func work(_ fresh: RowInspector) -> RowFindings {
        var inspector = fresh
        var work = BlockRenderer.Work()
        while let (number, block) = nextBlock() {
            renderer.render(block, &work)
            let rows = work.result.train.bytes
            var records: [RowRecord] = []
            records.reserveCapacity(work.result.train.count)
            var line = 0
            while line < rows.count {
                let end = rows.span.index(of: UInt8(ascii: "\n"), from: line) ?? rows.count
                records.append(inspector.inspect(rows.span.extracting(line..<end)))
                line = end + 1
            }
            turnstile.pass(number) {
                state.withLock { state in
                    state.tally.add(records, places: work.result.notes)
                    state.unused.add(block, template)
                }
            }
        }
        return inspector.findings
    }

    private func nextBlock() -> (number: Int, LineBlock)? {
        reader.withLock { reader in
            do {
                guard let block = try reader.blocks.nextBlock() else { return nil }
                defer { reader.number += 1 }
                return (reader.number, block)
            } catch {
                failure.withLock { $0 = $0 ?? error }
                return nil
            }
        }
    }
}
