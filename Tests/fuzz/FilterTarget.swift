//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Resources

@testable import Datasets
@testable import JSON

/// A filter's text, and behind a NUL the row that it is put to: read, its types checked, and evaluated, alike on all of
/// the row and on no more of it than the filter names.
enum FilterTarget {
    private static let sample = Array(
        #"{"a": "text", "b": {"c": 1.5, "d": [1, null]}, "n": "12", "t": true, "z": null, "e": "Éé\n", "l": []}"#.utf8
    )

    @Sendable
    static func read(_ bytes: [UInt8]) {
        let (text, behind) = Fuzz.parts(bytes)
        let row = Array((behind ?? sample[...]).filter { $0 != 0x0A })
        let filter: RowFilter
        do throws(FilterError) {
            filter = try RowFilter(text)
        } catch {
            return Fuzz.expect(0...text.unicodeScalars.count ~= error.offset, "a mistake lies outside of the text")
        }
        let fields = (try? JSONParser.parse(row[...]))?.object
        let verdict = fields.map { answer(filter, $0) }
        var reader = RowFields(filter.fields.map(\.name))
        let read = reader.read(row, 0..<row.count)
        Fuzz.expect((read == nil) == (fields == nil), "a row is one only where all of it is read")
        Fuzz.expect(read.map { answer(filter, $0) } == verdict, "a filter looks at fields that it does not name")
        if let fields, let verdict { negate(text, fields, verdict) }
    }

    /// Whether the row is kept, or what is wrong with it; the same when asked again.
    private static func answer(_ filter: RowFilter, _ row: JSONObject) -> Result<Bool, RenderError> {
        var run = RowFilterRun(filter)
        let first = keeps(&run, row)
        Fuzz.expect(keeps(&run, row) == first, "a filter says something else when asked again")
        return first
    }

    private static func keeps(_ run: inout RowFilterRun, _ row: JSONObject) -> Result<Bool, RenderError> {
        do throws(RenderError) {
            return .success(try run.keeps(row))
        } catch {
            return .failure(error)
        }
    }

    private static func negate(_ text: String, _ row: JSONObject, _ verdict: Result<Bool, RenderError>) {
        guard let filter = try? RowFilter("not (\(text))") else { return }
        Fuzz.expect(answer(filter, row) == verdict.map { !$0 }, "`not` does not turn a filter round")
    }
}
