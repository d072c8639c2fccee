//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Resources
import Testing

@Suite("values of hyperparameters")
struct ParameterValuesTests {
    @Test("are what they were made of, whether they are at their default or not")
    func roundTrip() {
        var set = HyperparameterTable.resolved([:]).all
        #expect(ParameterValues(set) == HyperparameterTable.resolved([:]))
        #expect(ParameterValues(set).settings.isEmpty)
        set["lora_rank"] = .integer(16)
        #expect(ParameterValues(set) == HyperparameterTable.resolved(["lora_rank": .integer(16)]))
        #expect(ParameterValues(set).settings == [.init(name: "lora_rank", value: .integer(16))])
        set["learning_rate"] = nil
        #expect(!ParameterValues(set).hasDefaults)
        #expect(ParameterValues(set).all == set)
        #expect(ParameterValues(set)["learning_rate"] == nil)
    }

    @Test("keep what no table knows, and tell a default that was never set from one that was")
    func unknown() {
        let values: ParameterValues = ["of_a_later_release": .text("x")]
        #expect(values["of_a_later_release"] == .text("x"))
        #expect(values["learning_rate"] == nil)
        #expect(values != HyperparameterTable.resolved([:]))
    }

    @Test("change one by one, back to the default too")
    func changes() {
        var values = HyperparameterTable.resolved([:])
        values["lora_rank"] = .integer(16)
        #expect(values == HyperparameterTable.resolved(["lora_rank": .integer(16)]))
        values["lora_rank"] = HyperparameterTable.field("lora_rank")?.standard
        #expect(values == HyperparameterTable.resolved([:]))
    }
}
