//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Planning
import Resources

/// Random values from a seed, so that a failure can be repeated.
struct Samples {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1 }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func int(_ range: ClosedRange<Int>) -> Int {
        range.lowerBound + Int(next() % UInt64(range.upperBound - range.lowerBound + 1))
    }

    mutating func pick<Value>(_ values: [Value]) -> Value { values[int(0...values.count - 1)] }

    mutating func maybe<Value>(_ make: (inout Samples) -> Value) -> Value? { int(0...2) > 0 ? make(&self) : nil }

    mutating func list<Value>(_ make: (inout Samples) -> Value) -> [Value] { (0..<int(0...3)).map { _ in make(&self) } }

    mutating func digest() -> ContentDigest {
        let digits = (0..<64).map { _ in String(next() % 16, radix: 16) }.joined()
        // swift-format-ignore: NeverForceUnwrap
        return ContentDigest(rawValue: digits)!
    }

    // swift-format-ignore: NeverForceUnwrap
    mutating func fingerprint() -> Fingerprint { Fingerprint(rawValue: "v1-\(digest())")! }

    mutating func name() -> ResourceName {
        pick(
            ["a", "summarizer", "1", "1e3", "null", "true", "x.y-z_0", "0x1F", "2026-11-24", "no"].map(
                ResourceName.init
            )
        )
    }

    mutating func model() -> ModelName { ModelName(owner: name().rawValue, name: name().rawValue) }

    /// Texts that trip writers of YAML.
    mutating func text() -> String {
        let parts = [
            "", " ", "\n", "\n\n", "a", "a: b", "- x", "#c", "'", "\"", "\\", "null", "~", "yes", "1e3", "0.1", "\t",
            "é", "🙂",
            "\u{0}", "\u{7f}", "\u{85}", "\u{2028}", "\u{feff}", "{a}", "[b]", "|", ">", "%", "@", "`", "---", "...",
            "\r",
            "</s>", "[INST] ", "text of some length ", "? ", "&a", "*a", "!t", "\u{1b}[0m",
        ]
        return (0..<int(0...6)).map { _ in pick(parts) }.joined()
    }

    mutating func number() -> Double {
        pick([0, -0.5, 1, 3, 0.1, 1e-4, 1e16, 1e21, 2.5e-300, Double(int(-1000...1000)) / 7, .infinity])
    }

    mutating func time() -> Timestamp { Timestamp(seconds: Int64(int(0...4_000_000_000))) }

    mutating func money() -> Money {
        Money(
            micros: Int64(
                pick([0, 1, 250_000, 26_100_000, int(0...10_000_000_000), -1_500_000, .max, 9_007_199_254_740_993])
            )
        )
    }

    mutating func backend() -> FineTune.Backend { pick(FineTune.Backend.allCases) }

    mutating func source() -> BaseModel.NodeSource {
        switch int(0...2) {
        case 0: .path(text())
        case 1: .python(package: text(), version: text())
        default: .huggingFace(id: text(), revision: text())
        }
    }

    mutating func form() -> Template.Form {
        switch int(0...3) {
        case 0: .promptCompletion(prompt: text(), completion: text())
        case 2: .preference(prompt: text(), chosen: text(), rejected: text())
        case 1: .text(text())
        default: .messages(field: text())
        }
    }

    mutating func parameter() -> HyperparameterValue {
        switch int(0...4) {
        case 0: .bool(int(0...1) == 0)
        case 1: .integer(pick([0, -1, .max, .min, 32]))
        case 2: .number(number())
        case 3: .text(text())
        default: .list(list { $0.text() })
        }
    }

    mutating func table<Value>(_ make: (inout Samples) -> Value) -> [String: Value] {
        var table: [String: Value] = [:]
        for _ in 0..<int(0...4) { table[text()] = make(&self) }
        return table
    }

    mutating func inputs() -> VersionRecord.Inputs {
        VersionRecord.Inputs(
            base: name(),
            baseIdentity: text(),
            baseSource: maybe { $0.source() },
            parent: maybe {
                .init(fineTune: $0.name(), fingerprint: $0.fingerprint(), version: $0.maybe { $0.digest() })
            },
            dataset: name(),
            source: text(),
            sourceDigest: digest(),
            train: digest(),
            trainRows: int(0...100_000),
            validation: maybe { $0.digest() },
            validationRows: int(0...1000),
            rowDigests: maybe { $0.digest() },
            template: maybe { $0.name() },
            form: form(),
            stop: list { $0.text() },
            parameters: maybe { ParameterValues($0.table { $0.parameter() }) }
                ?? HyperparameterTable.resolved(["seed": parameter()])
        )
    }

    mutating func training() -> VersionRecord.Training {
        VersionRecord.Training(
            steps: int(0...10_000),
            tokens: int(0...1 << 40),
            seconds: number(),
            trainLoss: maybe { $0.number() },
            validationLoss: maybe { $0.number() },
            baseValidationLoss: maybe { $0.number() },
            keptStep: maybe { $0.int(0...10_000) },
            earlyStoppingStep: maybe { $0.int(0...10_000) },
            peakMemory: maybe { $0.int(0...1 << 50) },
            device: text(),
            dtype: text(),
            threads: int(1...64)
        )
    }

    mutating func score() -> VersionRecord.Score {
        VersionRecord.Score(
            loss: maybe { $0.number() },
            validationExactMatch: maybe { VersionRecord.Share(correct: $0.int(0...9), total: $0.int(9...99)) },
            promptsExactMatch: maybe { VersionRecord.Share(correct: $0.int(0...9), total: $0.int(9...99)) }
        )
    }

    mutating func evaluation() -> VersionRecord.EvaluationResult {
        VersionRecord.EvaluationResult(
            digest: digest(),
            base: score(),
            version: score(),
            answers: list { $0.answer() },
            validationAnswers: list { $0.answer() },
            comparisons: list { $0.comparison() },
            gate: list { VersionRecord.Verdict(metric: $0.text(), condition: $0.text(), isMet: $0.int(0...1) == 1) },
            resamples: maybe { $0.int(1...10_000) }
        )
    }

    mutating func answer() -> VersionRecord.Answer {
        VersionRecord.Answer(prompt: text(), reference: maybe { $0.text() }, base: text(), version: text())
    }

    mutating func comparison() -> VersionRecord.Comparison {
        VersionRecord.Comparison(
            metric: text(),
            set: pick(VersionRecord.Comparison.ExampleSet.allCases),
            base: number(),
            version: number(),
            interval: maybe { VersionRecord.Comparison.Interval(lower: $0.number(), upper: $0.number()) },
            examples: int(0...99)
        )
    }

    mutating func record() -> VersionRecord {
        VersionRecord(
            id: digest(),
            number: maybe { $0.int(1...99) },
            model: model(),
            fineTunes: list { $0.name() },
            fingerprint: fingerprint(),
            trainer: int(1...9),
            commit: String(digest().rawValue.prefix(40)),
            run: digest().short,
            backend: backend(),
            started: time(),
            ended: time(),
            cost: maybe { $0.money() },
            attempts: int(1...9),
            inputs: inputs(),
            training: training(),
            evaluation: maybe { $0.evaluation() },
            losses: list { VersionRecord.LossPoint(step: $0.int(0...999), loss: $0.number()) },
            weights: list { VersionRecord.File(name: $0.text(), size: $0.int(0...1 << 40), sha256: $0.digest()) },
            software: table { $0.text() }
        )
    }

    mutating func attempt() -> RunEntry.Attempt {
        RunEntry.Attempt(
            number: int(1...9),
            holder: HolderID(rawValue: text()),
            backend: backend(),
            estimate: RunEntry.Estimate(minutes: maybe { $0.number() }, cost: maybe { $0.money() }),
            started: time(),
            ended: maybe { $0.time() },
            outcome: maybe { $0.text() },
            cost: maybe { $0.money() }
        )
    }

    mutating func entry() -> RunEntry {
        RunEntry(
            state: pick(RunEntry.State.allCases),
            fingerprint: fingerprint(),
            fineTunes: list { $0.name() },
            model: model(),
            commit: String(digest().rawValue.prefix(40)),
            branch: text(),
            holder: RunEntry.Holder(id: HolderID(rawValue: text()), host: text(), until: maybe { $0.time() }),
            estimate: maybe { RunEntry.Estimate(minutes: $0.number(), cost: $0.maybe { $0.money() }) },
            attempts: list { $0.attempt() },
            failure: maybe { RunEntry.Failure(kind: $0.text(), message: $0.text()) },
            request: maybe { $0.pick([.cancel, .pause(by: $0.text())]) },
            version: maybe { $0.record() },
            replaced: int(0...3) == 0 ? [record()] : []
        )
    }
}
