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

/// Renders rows once more and looks at each of them, on all processors and a few blocks at a time.
///
/// It is a pass of its own: rendering is asked for more often than what is worth a warning.
final class InspectionPass: Sendable {
    private let renderer: BlockRenderer
    private let template: CompiledTemplate?
    private let reader: Mutex<(blocks: BlockReader, number: Int)>
    private let turnstile = Turnstile()
    private let order: Mutex<(tally: RowTally, unused: [String])>
    private let failure = Mutex<(any Error)?>(nil)

    /// Lines of which the fields are looked at.
    private static let sampled = 100

    init(_ rows: RenderedRows, _ tally: RowTally) throws {
        var wanted = RenderingPass.Wanted()
        if case .fraction(_, let seed) = rows.parting { wanted.note = .places(seed: seed) }
        template = rows.renderer.template
        renderer = BlockRenderer(file: rows.source.name, renderer: rows.renderer, parting: .none, wanted: wanted)
        reader = Mutex((try BlockReader(rows.source), 0))
        order = Mutex((tally, []))
    }

    /// What was found, added to what was known before.
    func run(_ inspector: RowInspector) throws -> (tally: RowTally, RowInspector, unusedFields: [String]) {
        let inspectors = Concurrent.map(Machine.processors) { _ in self.work(inspector) }
        if let error = failure.withLock({ $0 }) { throw error }
        var all = inspector
        for inspector in inspectors { all.add(inspector) }
        let (tally, unused) = order.withLock { $0 }
        return (tally, all, unused)
    }

    private func work(_ start: RowInspector) -> RowInspector {
        var inspector = start.fresh
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
            let unused = number == 0 ? unusedFields(block) : []
            turnstile.pass(number) {
                order.withLock { order in
                    order.tally.add(records, places: work.result.notes)
                    order.unused += unused
                }
            }
        }
        return inspector
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

    /// The fields of a block's first rows that have something in them and are not rendered.
    private func unusedFields(_ block: LineBlock) -> [String] {
        var unused: [String] = []
        for line in block.split(separator: UInt8(ascii: "\n"), maxSplits: Self.sampled).prefix(Self.sampled) {
            guard let fields = (try? JSONParser.parse(line))?.object else { continue }
            for member in fields.members where !isUsed(member.key) && !unused.contains(where: member.key.isIdentical) {
                if member.value == .null || member.value.string?.isEmpty ?? false { continue }
                unused.append(member.key)
            }
        }
        return unused
    }

    private func isUsed(_ field: String) -> Bool {
        guard let template else { return ["prompt", "completion", "text", "messages"].contains(field) }
        return (template.promptFields + template.completionFields).contains(where: field.isIdentical)
    }
}
