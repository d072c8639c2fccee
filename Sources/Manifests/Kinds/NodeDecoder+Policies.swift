//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Foundation
import Resources
import YAML

extension NodeDecoder {
    mutating func policies(_ field: Field?) -> Policies? {
        guard let fields = fields(field) else { return nil }
        return Policies(
            bases: texts(fields["bases"], of: "names such as `llama-2-*`")?.map(NamePattern.init),
            licenses: texts(fields["licenses"], of: "licences"),
            requiresPins: choice(fields["pinned"]) != nil,
            requiresValidation: choice(fields["validation"]) != nil,
            windows: list(fields["windows"]) { $0.window($1) } ?? []
        )
    }

    mutating func spending(_ field: Field?) -> Spending? {
        guard let fields = fields(field) else { return nil }
        return Spending(perRun: money(fields["per_run"]), perMonth: money(fields["per_month"]))
    }

    mutating func budget(_ field: Field?) -> FineTune.Budget? {
        guard let fields = fields(field) else { return nil }
        return FineTune.Budget(maxCost: money(fields["max_cost"]), maxTime: duration(fields["max_time"]))
    }

    private mutating func texts(_ field: Field?, of what: String) -> [String]? {
        list(field, "a list of \(what)") { $0.filledText($1) }
    }

    private mutating func window(_ field: Field) -> TrainingWindow? {
        let expected = "a time of day such as `22:00-06:00 Europe/Berlin`"
        guard let window = scalar(field, expected, { TrainingWindow($0.text) }) else { return nil }
        guard TimeZone(identifier: window.zone) == nil else { return window }
        let near = Suggestion.nearest(window.zone, among: TimeZone.knownTimeZoneIdentifiers)
        let notes = near.map { ["did you mean `\($0)`?"] } ?? ["write one of the time zone database, or UTC"]
        report(.badValue, "there is no time zone `\(excerpt(window.zone))`", at: field.node, notes: notes)
        return nil
    }
}
