//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Foundation
import FtopsTestSupport
import Testing

@Suite("Plans with and without a cache")
struct PlanCacheTests {
    @Test("are the same before and after each edit")
    func same() throws {
        let scenario = try Scenario()
        // Files that were written just now look as if they had been left alone.
        scenario.environment["FTOPS_CLOCK_OFFSET"] = "60"
        try scenario.writeManifests()
        let rows = try scenario.read("datasets/greetings.jsonl")
        var plans: Set<String> = []
        for text in [
            rows, rows + Scenario.row(99) + "\n", rows, rows.replacingOccurrences(of: "Guest 2", with: "Guest 3"),
        ] {
            try scenario.write(text, at: "datasets/greetings.jsonl")
            let read = try scenario.ftops("plan", "--json", "--no-cache")
            for _ in 0..<2 { #expect(try scenario.ftops("plan", "--json").output == read.output) }
            #expect(read.status == 0, "\(read.transcript)")
            plans.insert(read.output)
        }
        #expect(plans.count == 3)
    }
}
