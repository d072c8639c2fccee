//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Resources
import Testing

@Suite("Money")
struct MoneyTests {
    @Test(
        "reads plain decimals to a millionth",
        arguments: [
            ("0", 0), ("30", 30_000_000), ("30.00", 30_000_000), ("0.348", 348_000), ("0.000001", 1),
            ("007.10", 7_100_000),
        ]
    )
    func reads(_ text: String, _ micros: Int64) {
        #expect(Money(text)?.micros == micros)
    }

    @Test(
        "refuses everything else",
        arguments: [
            "", ".", "1.", ".5", "-1", "+1", "1e3", "1,5", "$1", "1.0000001", "1.2.3", " 1", "9999999999999999999", "٣",
        ]
    )
    func refuses(_ text: String) {
        #expect(Money(text) == nil)
    }

    @Test(
        "writes two to six places",
        arguments: [
            (0, "0.00"), (30_000_000, "30.00"), (348_000, "0.348"), (1, "0.000001"), (-1_500_000, "-1.50"),
            (-1, "-0.000001"),
        ]
    )
    func writes(_ micros: Int64, _ text: String) {
        #expect(Money(micros: micros).decimal == text)
    }

    @Test("reads back what it writes", arguments: [0, 1, 10, 999_999, 1_000_000, 123_456_789, Int64.max])
    func roundTrip(_ micros: Int64) {
        #expect(Money(Money(micros: micros).decimal)?.micros == micros)
    }

    @Test("adds, compares and multiplies")
    func arithmetic() {
        let price = Money(micros: 348_000)
        #expect(price.times(75) == Money(micros: 26_100_000))
        #expect(price + price == Money(micros: 696_000))
        #expect(Money.zero < price)
        #expect(price.times(1e30).micros == .max)
        #expect(price.times(.nan) == .zero)
        #expect(Money(micros: .max) + price == Money(micros: .max))
    }
}
