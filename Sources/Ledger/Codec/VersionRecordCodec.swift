//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Resources
import YAML

/// A version's record as the text of its file, and back.
package enum VersionRecordCodec {
    /// The folder of all versions.
    package static let folder = "versions"

    /// Where a record's file lies: `versions/<owner>/<model>/<n>-<first twelve digits of the id>.yaml`.
    package static func path(of record: VersionRecord) -> String {
        let number = record.number.map(String.init) ?? "new"
        return "\(folder)/\(record.model.owner)/\(record.model.name)/\(number)-\(record.id.short).yaml"
    }

    /// The file's text: block style, its keys in one order.
    package static func text(_ record: VersionRecord) -> String {
        var pairs = [YAMLPair("apiVersion", "ftops/v1"), YAMLPair("kind", "Version")]
        pairs += record.yaml.mapping ?? []
        return YAMLWriter.text(.mapping(pairs))
    }

    /// The record of a file's bytes; keys of later releases are passed over.
    package static func record(_ bytes: [UInt8], at path: String) throws(LedgerError) -> VersionRecord {
        try decode(bytes, at: path) { field throws(FieldError) in
            let (version, kind) = (try field.required("apiVersion"), try field.required("kind"))
            guard try version.text() == "ftops/v1" else { throw version.expected("ftops/v1, which this release reads") }
            guard try kind.text() == "Version" else { throw kind.expected("Version") }
            return try VersionRecord(field)
        }
    }
}

extension VersionRecord {
    var yaml: YAMLValue {
        .mapping(present: [
            ("id", .of(id)),
            ("number", number.map { .int($0) }),
            ("model", .of(model)),
            ("fineTunes", .texts(fineTunes)),
            ("fingerprint", .of(fingerprint)),
            ("trainer", .int(trainer)),
            ("commit", .string(commit)),
            ("run", .string(run)),
            ("backend", .string(backend.rawValue)),
            ("started", .of(started)),
            ("ended", .of(ended)),
            ("cost", cost?.yaml),
            ("attempts", .int(attempts)),
            ("inputs", inputs.yaml),
            ("training", training.yaml),
            ("evaluation", evaluation?.yaml),
            ("weights", .sequence(weights.map(\.yaml))),
            ("software", .mapping(software.sorted { $0.key < $1.key }.map { YAMLPair($0.key, .string($0.value)) })),
            ("losses", .sequence(losses.map(\.yaml))),
        ])
    }

    init(_ field: Field) throws(FieldError) {
        self.init(
            id: try field.required("id").digest(),
            number: try field["number"]?.int(),
            model: try field.required("model").model(),
            fineTunes: try field.required("fineTunes").names(),
            fingerprint: try field.required("fingerprint").fingerprint(),
            trainer: try field.required("trainer").int(),
            commit: try field.required("commit").text(),
            run: try field.required("run").text(),
            backend: try field.required("backend").backend(),
            started: try field.required("started").timestamp(),
            ended: try field.required("ended").timestamp(),
            cost: try field["cost"]?.money(),
            attempts: try field.required("attempts").int(),
            inputs: try Inputs(try field.required("inputs")),
            training: try Training(try field.required("training")),
            evaluation: try field["evaluation"].map { field throws(FieldError) in try EvaluationResult(field) },
            losses: try field.required("losses").items().map { item throws(FieldError) in try LossPoint(item) },
            weights: try field.required("weights").items().map { item throws(FieldError) in try File(item) },
            software: try Self.software(try field.required("software"))
        )
    }

    private static func software(_ field: Field) throws(FieldError) -> [String: String] {
        var software: [String: String] = [:]
        for (name, version) in try field.entries() { software[name] = try version.text() }
        return software
    }
}

extension VersionRecord.File {
    var yaml: YAMLValue { ["name": .string(name), "size": .int(size), "sha256": .of(sha256)] }

    init(_ field: Field) throws(FieldError) {
        self.init(
            name: try field.required("name").text(),
            size: try field.required("size").int(),
            sha256: try field.required("sha256").digest()
        )
    }
}

extension VersionRecord.LossPoint {
    var yaml: YAMLValue { ["step": .int(step), "loss": .double(loss)] }

    init(_ field: Field) throws(FieldError) {
        self.init(step: try field.required("step").int(), loss: try field.required("loss").number())
    }
}

extension VersionRecord.Training {
    var yaml: YAMLValue {
        .mapping(present: [
            ("steps", .int(steps)),
            ("tokens", .int(tokens)),
            ("seconds", .double(seconds)),
            ("trainLoss", trainLoss.map { .double($0) }),
            ("validationLoss", validationLoss.map { .double($0) }),
            ("baseValidationLoss", baseValidationLoss.map { .double($0) }),
            ("keptStep", keptStep.map { .int($0) }),
            ("earlyStoppingStep", earlyStoppingStep.map { .int($0) }),
            ("peakMemory", peakMemory.map { .int($0) }),
            ("device", .string(device)),
            ("dtype", .string(dtype)),
            ("threads", .int(threads)),
        ])
    }

    init(_ field: Field) throws(FieldError) {
        self.init(
            steps: try field.required("steps").int(),
            tokens: try field.required("tokens").int(),
            seconds: try field.required("seconds").number(),
            trainLoss: try field["trainLoss"]?.number(),
            validationLoss: try field["validationLoss"]?.number(),
            baseValidationLoss: try field["baseValidationLoss"]?.number(),
            keptStep: try field["keptStep"]?.int(),
            earlyStoppingStep: try field["earlyStoppingStep"]?.int(),
            peakMemory: try field["peakMemory"]?.int(),
            device: try field.required("device").text(),
            dtype: try field.required("dtype").text(),
            threads: try field.required("threads").int()
        )
    }
}
