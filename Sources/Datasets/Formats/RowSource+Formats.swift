//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Resources

/// What is needed to read rows of any format.
package struct RowReading: Sendable {
    /// How much compressed files may become.
    package var limits: DecodingLimits
    /// What reads Parquet; none where nothing can.
    package var parquet: (any ParquetConversion)?

    /// Makes what is needed.
    package init(limits: DecodingLimits = DecodingLimits(), parquet: (any ParquetConversion)? = nil) {
        self.limits = limits
        self.parquet = parquet
    }
}

extension RowSource {
    /// The rows of this source as lines of JSON, whatever it is written in.
    ///
    /// `format` is what the manifest says of it; else its name and first bytes tell. `file` is the name by which to
    /// tell, where the source itself has none.
    package func decoded(
        _ format: RowFormat?,
        named file: String? = nil,
        by reading: RowReading
    ) throws(DatasetError) -> RowSource {
        do {
            let start = try InflatedBytes(self, reading.limits).beginning(1024)
            let isAsItIs = !start.isCompressed && !start.hasMark
            guard !start.bytes.isEmpty else { return isAsItIs ? self : inflated(reading.limits) }
            let told = format ?? RowFormat.tell(name: file ?? name, start: start.bytes)
            switch told {
            case .jsonl, nil: return isAsItIs ? self : inflated(reading.limits)
            case .parquet: return try converted(reading, isCompressed: start.isCompressed)
            case .csv, .tsv, .json:
                let name = name
                guard told != .json else { return decoded(reading.limits) { JSONArrayDecoder(file: name) } }
                return decoded(reading.limits) { CSVDecoder(file: name, isTabbed: told == .tsv) }
            }
        } catch {
            throw .unreadable(name, error)
        }
    }

    private func inflated(_ limits: DecodingLimits) -> RowSource {
        let upstream = self
        var source = RowSource(name: name) {
            let bytes = try InflatedBytes(upstream, limits)
            return { try bytes.nextChunk() }
        }
        source.origin = { try upstream.openOrigin() }
        return source
    }

    private func decoded(
        _ limits: DecodingLimits,
        _ decoder: @escaping @Sendable () -> any RowDecoder
    ) -> RowSource {
        let upstream = self
        var source = RowSource(name: name) {
            let rows = try DecodedRows(upstream, decoder(), limits)
            return { try rows.next() }
        }
        source.origin = { try upstream.openOrigin() }
        source.locate = { lines in
            let rows = try DecodedRows(upstream, decoder(), limits, notesStarts: true)
            while try rows.next() != nil {}
            let starts = rows.starts
            return lines.map { line in
                let start = line >= 1 && line <= starts.count ? starts[line - 1] : line
                return RowPlace(file: upstream.name, number: start, isAsWritten: false)
            }
        }
        return source
    }

    private func converted(_ reading: RowReading, isCompressed: Bool) throws -> RowSource {
        guard !isCompressed else {
            throw DatasetError(
                .unreadable,
                "\(name) is a compressed Parquet file: decompress it, it is compressed inside"
            )
        }
        guard let parquet = reading.parquet else {
            throw DatasetError(.unreadable, "\(name) is a Parquet file, and there is no trainer to read it with")
        }
        let digest = try originDigest()
        let path = try parquet.convert(self, digest: digest)
        let upstream = self
        var source = RowSource(name: name, path: path)
        source.origin = { try upstream.openOrigin() }
        let name = name
        source.locate = { lines in
            lines.map { RowPlace(file: name, number: $0, countsRows: true, isAsWritten: false) }
        }
        return source
    }

    /// Sources of rows one after the other, which are one source by its name.
    package static func joining(_ parts: [RowSource], name: String) -> RowSource {
        if let only = parts.first, parts.count == 1 { return only }
        var source = RowSource(name: name, parts: parts)
        source.origin = { chain(parts) { try $0.openOrigin() } }
        source.locate = { lines in try places(of: lines, in: parts, name: name) }
        return source
    }

    /// Where lines come from that are counted through several sources.
    private static func places(of lines: [Int], in parts: [RowSource], name: String) throws -> [RowPlace] {
        var found: [Int: RowPlace] = [:]
        var before = 0
        for part in parts {
            let count = try part.lineCount()
            let own = lines.filter { $0 > before && $0 <= before + count }
            for (line, place) in zip(own, try part.places(of: own.map { $0 - before })) { found[line] = place }
            before += count
        }
        return lines.map { found[$0] ?? RowPlace(file: name, number: $0) }
    }

    private func lineCount() throws -> Int {
        let next = try open()
        var (count, last) = (0, UInt8(0x0A))
        while let chunk = try next() {
            for byte in chunk where byte == 0x0A { count += 1 }
            last = chunk.last ?? last
        }
        return last == 0x0A ? count : count + 1
    }
}
