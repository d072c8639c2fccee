//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Resources

@testable import Planning

/// Values that tests start from and change.
enum Samples {
    static let model = ModelName(owner: "acme", name: "triage")
    static let other = ModelName(owner: "acme", name: "elsewhere")
    static let name = ResourceName(rawValue: "triage")

    static func digest(_ text: String) -> ContentDigest { .ofText(text) }

    static func evaluation(_ asked: String) -> VersionRecord.EvaluationResult {
        let answer = VersionRecord.Answer(prompt: asked, reference: nil, base: "no", version: "yes")
        return VersionRecord.EvaluationResult(
            digest: digest(asked),
            base: .init(),
            version: .init(loss: 1),
            answers: [answer]
        )
    }

    static func inputs(
        train: String = "rows",
        parameters: [String: HyperparameterValue] = [:]
    ) -> VersionRecord.Inputs {
        VersionRecord.Inputs(
            base: ResourceName(rawValue: "gemma-3-270m"),
            baseIdentity: "gemma==1.0",
            baseSource: .python(package: "gemma", version: "1.0"),
            dataset: ResourceName(rawValue: "tickets"),
            source: "datasets/tickets.jsonl",
            sourceDigest: digest("source"),
            train: digest(train),
            trainRows: 240,
            validation: digest("validation"),
            validationRows: 12,
            template: ResourceName(rawValue: "ticket"),
            form: .promptCompletion(prompt: "{a}", completion: "{b}"),
            stop: [],
            parameters: HyperparameterTable.resolved(parameters)
        )
    }

    /// A place in a manifest, told from others by its line.
    static func range(_ line: Int, file: String = "manifests/project.yaml") -> SourceRange {
        let start = SourcePosition(line: line, column: 3)
        return SourceRange(file: file, start: start, end: SourcePosition(line: line, column: 9))
    }

    static func project(_ spec: Project, fields: [String: SourceRange] = [:]) -> Located<Project> {
        var places = FieldPlaces()
        for (path, range) in fields { places.note(path, at: range) }
        return Located(
            metadata: Metadata(name: ResourceName(rawValue: "acme")),
            spec: spec,
            range: range(1),
            fields: places
        )
    }

    static func request(
        _ fineTune: String = "triage",
        to destination: ModelName = model,
        inputs: VersionRecord.Inputs = inputs()
    ) -> TrainingRequest {
        TrainingRequest(
            fineTune: ResourceName(rawValue: fineTune),
            destination: destination,
            backend: .node,
            inputs: inputs,
            tokensPerEpoch: 9300
        )
    }

    static func version(
        of inputs: VersionRecord.Inputs = inputs(),
        in destination: ModelName = model,
        number: Int? = 1,
        trainer: Int = TrainerNumber.current,
        fineTune: String = "triage"
    ) -> VersionRecord {
        let fingerprint = FingerprintInputs(inputs, trainer: trainer).fingerprint
        return VersionRecord(
            id: VersionIdentity.id(fingerprint: fingerprint, weights: []),
            number: number,
            model: destination,
            fineTunes: [ResourceName(rawValue: fineTune)],
            fingerprint: fingerprint,
            trainer: trainer,
            commit: "0123456789abcdef",
            run: "abcdefabcdef",
            backend: .node,
            started: Timestamp(seconds: 1_000_000),
            ended: Timestamp(seconds: 1_000_160),
            cost: Money(micros: 120_000),
            attempts: 1,
            inputs: inputs,
            training: VersionRecord.Training(
                steps: 8,
                tokens: 9300,
                seconds: 100,
                device: "cpu",
                dtype: "float32",
                threads: 2
            ),
            losses: [],
            weights: [],
            software: [:]
        )
    }

    static func entry(
        _ state: RunEntry.State,
        inputs: VersionRecord.Inputs = inputs(),
        holder: String = "them",
        version: VersionRecord? = nil
    ) -> RunEntry {
        RunEntry(
            state: state,
            fingerprint: FingerprintInputs(inputs).fingerprint,
            fineTunes: [name],
            model: model,
            commit: "0123456789abcdef",
            branch: "main",
            holder: RunEntry.Holder(
                id: HolderID(rawValue: holder),
                host: "gpu-1",
                until: Timestamp(seconds: 2_000_000)
            ),
            version: version
        )
    }
}
