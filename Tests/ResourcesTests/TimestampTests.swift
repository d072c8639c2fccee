//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Resources
import Testing

@Suite("Instants")
struct TimestampTests {
    @Test(
        "reads and writes RFC 3339 in UTC",
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("2026-11-24T10:00:00Z", 1_795_514_400), ("2000-02-29T23:59:59Z", 951_868_799),
            ("1969-12-31T23:59:59Z", -1), ("2100-03-01T00:00:00Z", 4_107_542_400),
            ("0001-01-01T00:00:00Z", -62_135_596_800),
            ("9999-12-31T23:59:59Z", 253_402_300_799),
        ]
    )
    func both(_ text: String, _ seconds: Int64) {
        #expect(Timestamp(text)?.seconds == seconds)
        #expect(Timestamp(seconds: seconds).description == text)
    }

    @Test("drops a fraction of a second")
    func fraction() {
        #expect(Timestamp("1970-01-01T00:00:01.987Z")?.seconds == 1)
    }

    @Test(
        "refuses what is no such text",
        arguments: [
            "", "Z", "1970-01-01", "1970-01-01T00:00:00", "1970-01-01 00:00:00Z", "1970-13-01T00:00:00Z",
            "1970-01-00T00:00:00Z", "1970-01-01T24:00:00Z", "1970-01-01T00:60:00Z", "xxxx-01-01T00:00:00Z",
            "2026-02-30T00:00:00Z", "1970/01/01T00:00:00Z", "1970-01-01T00:00:00+02:00Z", "+970-01-01T00:00:00Z",
        ]
    )
    func refuses(_ text: String) {
        #expect(Timestamp(text) == nil)
    }

    @Test("reads back every hundredth day of four centuries")
    func roundTrip() {
        for day in stride(from: Int64(-200 * 366), to: 200 * 366, by: 97) {
            let instant = Timestamp(seconds: day * 86400 + 12345)
            #expect(Timestamp(instant.description) == instant)
        }
    }
}
