//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Resources
internal import Synchronization

/// One of the datasets that a mixture is made of.
package struct MixedRows: Sendable {
    /// Its rows, before its steps.
    package var source: RowSource
    /// What is done with them.
    package var dataset: Dataset
    /// Its share, by the others'; none where all of its rows are taken.
    package var weight: Double?

    /// Makes a part of a mixture.
    package init(source: RowSource, dataset: Dataset, weight: Double?) {
        (self.source, self.dataset, self.weight) = (source, dataset, weight)
    }
}

/// Takes rows of several sources in turn, each as often as its weight says, until the one whose turn it is has none
/// left; without weights all rows of each, one source after the other.
struct RowMixture {
    private var readers: [LineReader] = []
    private let weights: [Double]?
    private var taken: [Int]
    private var current = 0
    private(set) var origins: [(part: Int, line: Int)] = []
    private let notesOrigins: Bool
    private static let chunkSize = 1 << 20

    init(_ sources: [RowSource], weights: [Double]?, notesOrigins: Bool = false) throws {
        readers = try sources.map { LineReader(try $0.open(), file: $0.name) }
        self.weights = weights
        self.notesOrigins = notesOrigins
        taken = sources.map { _ in 0 }
    }

    /// The next lines, or nothing at the end.
    mutating func next() throws -> [UInt8]? {
        var out: [UInt8] = []
        while out.count < Self.chunkSize, let line = try nextRow() {
            out.append(contentsOf: line)
            out.append(0x0A)
        }
        return out.isEmpty ? nil : out
    }

    /// How many rows were taken, and how many are left, of which the readers are then at their end.
    mutating func finish() throws -> (taken: Int, left: Int) {
        let count = taken.reduce(0, +)
        for part in readers.indices { while try row(of: part) != nil {} }
        return (count, taken.reduce(0, +) - count)
    }

    private mutating func nextRow() throws -> ArraySlice<UInt8>? {
        guard let weights else {
            while current < readers.count {
                if let row = try row(of: current) { return row }
                current += 1
            }
            return nil
        }
        let turns = weights.indices.map { Double(taken[$0] + 1) / weights[$0] }
        guard let least = turns.min(), let part = turns.firstIndex(of: least) else { return nil }
        return try row(of: part)
    }

    private mutating func row(of part: Int) throws -> ArraySlice<UInt8>? {
        while let line = try readers[part].nextLine() {
            if line.isBlank { continue }
            taken[part] += 1
            if notesOrigins { origins.append((part, line.number)) }
            return line.bytes
        }
        return nil
    }
}

private final class MixtureTally: Sendable {
    let end = Mutex<(taken: Int, left: Int)?>(nil)
}

extension RowSource {
    /// The rows of several datasets, each after its own steps, as one source.
    package static func mixing(
        _ parts: [MixedRows],
        name: String,
        template: CompiledTemplate?
    ) throws(DatasetError) -> RowSource {
        var chosen: [RowSource] = []
        for part in parts {
            try checkPin(part)
            chosen.append(try SelectedSource(part.source, part.dataset, template: template).rows)
        }
        let sources = chosen
        let given = parts.compactMap(\.weight)
        let weights = given.count == parts.count ? given : nil
        let tally = MixtureTally()
        var source = RowSource(name: name) {
            var mixture = try RowMixture(sources, weights: weights)
            return {
                if let lines = try mixture.next() { return lines }
                let end = try mixture.finish()
                tally.end.withLock { $0 = end }
                return nil
            }
        }
        source.mixed = { tally.end.withLock { $0 } }
        source.origin = { chain(sources) { try $0.openOrigin() } }
        source.locate = { lines in
            var mixture = try RowMixture(sources, weights: weights, notesOrigins: true)
            while try mixture.next() != nil {}
            let origins = mixture.origins
            return try lines.map { line in
                guard line >= 1, line <= origins.count else { return RowPlace(file: name, number: line) }
                let origin = origins[line - 1]
                return try sources[origin.part].places(of: [origin.line]).first ?? RowPlace(file: name, number: line)
            }
        }
        return source
    }

    private static func checkPin(_ part: MixedRows) throws(DatasetError) {
        guard let pin = part.dataset.sha256 else { return }
        let found: ContentDigest
        do { found = try part.source.originDigest() } catch { throw .unreadable(part.source.name, error) }
        guard found != pin else { return }
        throw DatasetError(
            .digestMismatch,
            "\(part.source.name) is not the file that sha256 pins: expected \(pin), found \(found)"
        )
    }
}
