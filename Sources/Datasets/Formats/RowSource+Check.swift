//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import JSON
package import Resources

extension RowSource {
    /// Fields of what servers say where they have no file to give.
    private static let complaints: Set<String> = [
        "code", "detail", "details", "documentation_url", "error", "errors", "message", "status", "statusCode", "title",
    ]

    /// Looks whether a file begins with a row, and becomes no more than the limits: so much can be known before somebody
    /// pins it.
    package func check(
        _ format: RowFormat?,
        named file: String? = nil,
        by reading: RowReading
    ) throws(DatasetError) {
        do {
            let start = try InflatedBytes(self, reading.limits).beginning(1024)
            let rows = try decoded(format, named: file, by: reading)
            var reader = try RowReader(rows)
            switch try reader.next() {
            case nil: throw DatasetError(.noRows, "\(name) has no rows")
            case .problem(let problem): throw DatasetError(.badRows, "\(name):\(problem.line): \(problem.reason)")
            case .row(let row): try Self.refuseComplaint(row, in: name, isAlone: try reader.next() == nil)
            }
            if start.isCompressed { try rows.forEachChunk { _ in } }
        } catch {
            throw .unreadable(name, error)
        }
    }

    private static func refuseComplaint(_ row: RowReader.Row, in name: String, isAlone: Bool) throws(DatasetError) {
        guard isAlone, !row.fields.keys.isEmpty, row.fields.keys.allSatisfy(complaints.contains) else { return }
        throw DatasetError(.badRows, "\(name) is no file of rows: it says \(Excerpt(of: row.bytes).text)")
    }
}
