//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Packing
package import Resources

extension VersionRecord: Packable {
    /// Writes the record.
    package func pack(to packer: inout Packer) {
        packer.digest(id)
        packer.optional(number) { $0.int($1) }
        packer.model(model)
        packer.list(fineTunes) { $0.text($1.rawValue) }
        packer.digest(fingerprint.digest)
        packer.int(trainer)
        packer.text(commit)
        packer.text(run)
        packer.choice(backend)
        packer.time(started)
        packer.time(ended)
        packer.optional(cost) { $0.money($1) }
        packer.int(attempts)
        packer.value(inputs)
        packer.value(training)
        packer.optional(evaluation) { $0.value($1) }
        packer.list(losses) { $0.value($1) }
        packer.list(weights) { $0.value($1) }
        packer.list(software) {
            $0.text($1.key)
            $0.text($1.value)
        }
    }

    /// Reads a record.
    package init(from unpacker: inout Unpacker) throws(PackingError) {
        self.init(
            id: try unpacker.digest(),
            number: try unpacker.optionalInt(),
            model: try unpacker.model(),
            fineTunes: try unpacker.names(),
            fingerprint: Fingerprint(try unpacker.digest()),
            trainer: try unpacker.int(),
            commit: try unpacker.text(),
            run: try unpacker.text(),
            backend: try unpacker.choice(),
            started: try unpacker.time(),
            ended: try unpacker.time(),
            cost: try unpacker.optionalMoney(),
            attempts: try unpacker.int(),
            inputs: try unpacker.value(),
            training: try unpacker.value(),
            evaluation: try unpacker.optionalValue(),
            losses: try unpacker.list { unpacker throws(PackingError) in try unpacker.value() },
            weights: try unpacker.list { unpacker throws(PackingError) in try unpacker.value() },
            software: try Self.software(&unpacker)
        )
    }

    private static func software(_ unpacker: inout Unpacker) throws(PackingError) -> [String: String] {
        var software: [String: String] = [:]
        for _ in 0..<(try unpacker.count()) { software[try unpacker.text()] = try unpacker.text() }
        return software
    }
}

extension VersionRecord.File: Packable {
    /// Writes the file's entry.
    package func pack(to packer: inout Packer) {
        packer.text(name)
        packer.int(size)
        packer.digest(sha256)
    }

    /// Reads a file's entry.
    package init(from unpacker: inout Unpacker) throws(PackingError) {
        self.init(name: try unpacker.text(), size: try unpacker.int(), sha256: try unpacker.digest())
    }
}

extension VersionRecord.LossPoint: Packable {
    /// Writes the point.
    package func pack(to packer: inout Packer) {
        packer.int(step)
        packer.double(loss)
    }

    /// Reads a point.
    package init(from unpacker: inout Unpacker) throws(PackingError) {
        self.init(step: try unpacker.int(), loss: try unpacker.double())
    }
}

extension VersionRecord.Training: Packable {
    /// Writes the outcome.
    package func pack(to packer: inout Packer) {
        packer.int(steps)
        packer.int(tokens)
        packer.double(seconds)
        packer.optional(trainLoss) { $0.double($1) }
        packer.optional(validationLoss) { $0.double($1) }
        packer.optional(baseValidationLoss) { $0.double($1) }
        packer.optional(keptStep) { $0.int($1) }
        packer.optional(earlyStoppingStep) { $0.int($1) }
        packer.optional(peakMemory) { $0.int($1) }
        packer.text(device)
        packer.text(dtype)
        packer.int(threads)
    }

    /// Reads an outcome.
    package init(from unpacker: inout Unpacker) throws(PackingError) {
        self.init(
            steps: try unpacker.int(),
            tokens: try unpacker.int(),
            seconds: try unpacker.double(),
            trainLoss: try unpacker.optionalDouble(),
            validationLoss: try unpacker.optionalDouble(),
            baseValidationLoss: try unpacker.optionalDouble(),
            keptStep: try unpacker.optionalInt(),
            earlyStoppingStep: try unpacker.optionalInt(),
            peakMemory: try unpacker.optionalInt(),
            device: try unpacker.text(),
            dtype: try unpacker.text(),
            threads: try unpacker.int()
        )
    }
}

extension VersionRecord.EvaluationResult: Packable {
    /// Writes the result.
    package func pack(to packer: inout Packer) {
        packer.digest(digest)
        packer.value(base)
        packer.value(version)
        packer.list(answers) { $0.value($1) }
        packer.list(validationAnswers) { $0.value($1) }
        packer.list(comparisons) { $0.value($1) }
        packer.list(gate) { $0.value($1) }
        packer.optional(resamples) { $0.int($1) }
    }

    /// Reads a result.
    package init(from unpacker: inout Unpacker) throws(PackingError) {
        self.init(
            digest: try unpacker.digest(),
            base: try unpacker.value(),
            version: try unpacker.value(),
            answers: try unpacker.list { unpacker throws(PackingError) in try unpacker.value() },
            validationAnswers: try unpacker.list { unpacker throws(PackingError) in try unpacker.value() },
            comparisons: try unpacker.list { unpacker throws(PackingError) in try unpacker.value() },
            gate: try unpacker.list { unpacker throws(PackingError) in try unpacker.value() },
            resamples: try unpacker.optionalInt()
        )
    }
}

extension VersionRecord.Verdict: Packable {
    /// Writes the verdict.
    package func pack(to packer: inout Packer) {
        packer.text(metric)
        packer.text(condition)
        packer.bool(isMet)
    }

    /// Reads a verdict.
    package init(from unpacker: inout Unpacker) throws(PackingError) {
        self.init(metric: try unpacker.text(), condition: try unpacker.text(), isMet: try unpacker.bool())
    }
}

extension VersionRecord.Comparison: Packable {
    /// Writes the comparison.
    package func pack(to packer: inout Packer) {
        packer.text(metric)
        packer.choice(set)
        packer.double(base)
        packer.double(version)
        packer.optional(interval?.lower) { $0.double($1) }
        packer.optional(interval?.upper) { $0.double($1) }
        packer.int(examples)
    }

    /// Reads a comparison.
    package init(from unpacker: inout Unpacker) throws(PackingError) {
        self.init(
            metric: try unpacker.text(),
            set: try unpacker.choice(),
            base: try unpacker.double(),
            version: try unpacker.double(),
            interval: try Self.interval(&unpacker),
            examples: try unpacker.int()
        )
    }

    private static func interval(_ unpacker: inout Unpacker) throws(PackingError) -> Interval? {
        let (lower, upper) = (try unpacker.optionalDouble(), try unpacker.optionalDouble())
        guard let lower, let upper else { return nil }
        return Interval(lower: lower, upper: upper)
    }
}

extension VersionRecord.Score: Packable {
    /// Writes the score.
    package func pack(to packer: inout Packer) {
        packer.optional(loss) { $0.double($1) }
        packer.optional(validationExactMatch) { $0.value($1) }
        packer.optional(promptsExactMatch) { $0.value($1) }
    }

    /// Reads a score.
    package init(from unpacker: inout Unpacker) throws(PackingError) {
        self.init(
            loss: try unpacker.optionalDouble(),
            validationExactMatch: try unpacker.optionalValue(),
            promptsExactMatch: try unpacker.optionalValue()
        )
    }
}

extension VersionRecord.Share: Packable {
    /// Writes the share.
    package func pack(to packer: inout Packer) {
        packer.int(correct)
        packer.int(total)
    }

    /// Reads a share.
    package init(from unpacker: inout Unpacker) throws(PackingError) {
        self.init(correct: try unpacker.int(), total: try unpacker.int())
    }
}

extension VersionRecord.Answer: Packable {
    /// Writes the answer.
    package func pack(to packer: inout Packer) {
        packer.text(prompt)
        packer.optional(reference) { $0.text($1) }
        packer.text(base)
        packer.text(version)
    }

    /// Reads an answer.
    package init(from unpacker: inout Unpacker) throws(PackingError) {
        self.init(
            prompt: try unpacker.text(),
            reference: try unpacker.optionalText(),
            base: try unpacker.text(),
            version: try unpacker.text()
        )
    }
}
