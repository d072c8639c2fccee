//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Resources
import YAML

/// The fields that a sweep goes over, each with its values and where they stand.
struct SweepFields: Sendable {
    /// What a value sets.
    enum Change: Hashable, Sendable {
        case hyperparameter(HyperparameterValue)
        case base(ResourceName)
        case limit(Int)

        var text: String {
            switch self {
            case .hyperparameter(let value): value.text
            case .base(let name): name.rawValue
            case .limit(let limit): String(limit)
            }
        }
    }

    /// A value with its place.
    struct Value: Hashable, Sendable {
        let change: Change
        let place: SourceRange
    }

    /// Points that a sweep has at most unless it says more.
    static let usualPoints = 64

    private(set) var fields: [(name: String, values: [Value])] = []

    var isEmpty: Bool { fields.isEmpty }

    func has(_ name: String) -> Bool { fields.contains { $0.name == name } }

    func values(of name: String) -> [Value] { fields.first { $0.name == name }?.values ?? [] }

    /// How many points there are; nothing where no number can say it.
    var count: Int? {
        fields.reduce(1) { count, field in
            let (product, overflow) = (count ?? 0).multipliedReportingOverflow(by: field.values.count)
            return count == nil || overflow ? nil : product
        }
    }

    mutating func append(_ name: String, _ values: [Value]) { fields.append((name, values)) }

    /// Every combination of one value of each field.
    var points: [[(name: String, value: Value)]] {
        fields.sorted { $0.name < $1.name }.reduce([[]]) { points, field in
            points.flatMap { point in field.values.map { point + [(field.name, $0)] } }
        }
    }
}

extension SweepFields {
    /// The fine-tune of each point, whose swept fields are found where their values stand.
    func fineTunes(of located: Located<FineTune>) -> [Located<FineTune>] {
        points.map { values in
            var point = located
            for (name, value) in values { point.apply(name, value) }
            let texts = values.map { SweepPoint.Value(field: $0.name, text: $0.value.change.text) }
            let swept = SweepPoint(sweep: located.name, values: texts)
            point.spec.point = swept
            point.metadata.name = swept.name
            return point
        }
    }
}

extension Located<FineTune> {
    fileprivate mutating func apply(_ name: String, _ value: SweepFields.Value) {
        switch value.change {
        case .hyperparameter(let setting):
            spec.hyperparameters[name] = setting
            fields.note("spec.hyperparameters.\(name)", at: value.place)
        case .base(let base):
            spec.base = base
            fields.note("spec.base", at: value.place)
        case .limit(let limit):
            spec.limit = limit
            fields.note("spec.dataset.limit", at: value.place)
        }
    }
}

extension NodeDecoder {
    /// What a sweep goes over; nothing where none is written.
    mutating func sweep(_ field: Field?, maximum: Field?) -> SweepFields? {
        let most = integer(maximum)
        guard let fields = fields(field) else { return nil }
        var sweep = SweepFields()
        for (key, field) in zip(fields.keys, fields.all) {
            guard fields.table?.isSupported(key) ?? true else { continue }
            let name = HyperparameterTable.field(key)?.name ?? key
            if sweep.has(name) {
                report(.conflictingFields, "`\(key)` is swept twice, under two spellings", at: field.key ?? field.node)
            } else if let values = values(of: key, field) {
                sweep.append(name, values)
            }
        }
        if sweep.isEmpty, fields.all.isEmpty { report(.badValue, "`sweep` goes over nothing", at: fields.field.node) }
        let limit = most ?? SweepFields.usualPoints
        if sweep.count.map({ $0 > limit }) ?? true {
            let count = sweep.count.map { "\($0)" } ?? "countless"
            let notes = most == nil ? ["more than \(SweepFields.usualPoints) need `max_points: \(count)`"] : []
            report(
                .outOfRange,
                "the sweep has \(count) points, more than \(limit)",
                at: fields.field.key ?? fields.field.node,
                notes: notes
            )
            return nil
        }
        return sweep
    }

    private mutating func values(of key: String, _ field: Field) -> [SweepFields.Value]? {
        let values = list(field, "a list of values") { decoder, element -> SweepFields.Value? in
            let place = decoder.source.range(element.node)
            return decoder.change(key, element).map { SweepFields.Value(change: $0, place: place) }
        }
        guard let values, let count = field.node.sequence?.count else { return nil }
        if count == 0 { report(.badValue, "`\(field.name)` has no values", at: field.node) }
        if Set(values.map(\.change)).count < values.count {
            report(.badValue, "`\(field.name)` has a value twice", at: field.node)
        }
        return values.isEmpty ? nil : values
    }

    private mutating func change(_ key: String, _ field: Field) -> SweepFields.Change? {
        switch key {
        case "base": return reference(field).map { .base($0) }
        case "limit": return integer(field).map { .limit($0) }
        default: return hyperparameter(key, field).map { .hyperparameter($0) }
        }
    }
}
