//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import JSON
internal import Resources

extension TimedEvent {
    /// Reads a line of `events.jsonl`; nothing where it is no event, such as one that a kill cut off.
    package init?(line: ArraySlice<UInt8>) {
        guard let value = try? JSONParser.parse(line), let event = TrainerEvent(value) else { return nil }
        self.init(time: value["time"]?.string.flatMap { Timestamp($0) }, event: event)
    }
}

extension TrainerEvent {
    /// Reads an event. A number that is missing counts as none, so that a trainer may leave out what it does not know;
    /// without the step that an event is about, the event is none.
    init?(_ value: JSONValue) {
        guard let name = value["event"]?.string else { return nil }
        let step = value["step"]?.int
        switch (name, step) {
        case ("preparing", _): self = .preparing(message: value["message"]?.string ?? "")
        case ("started", _): self = .started(Started(value))
        case ("step", let step?): self = .step(Step(value, step: step))
        case ("evaluation", let step?):
            self = .evaluation(step: step, loss: value["loss"]?.double, tokens: value["tokens"]?.int ?? 0)
        case ("sample", let step?): self = .sample(Sample(value, step: step))
        case ("evaluating", _): self = .evaluating(Evaluating(value))
        case ("checkpoint", let step?): self = .checkpoint(step: step)
        case ("completed", _): self = .completed(Completed(value))
        case ("stopped", let step): self = .stopped(step: step ?? 0)
        case ("failed", _):
            self = .failed(kind: value["class"]?.string ?? "trainer", message: value["message"]?.string ?? "")
        case ("step", nil), ("evaluation", nil), ("sample", nil), ("checkpoint", nil): return nil
        default: self = .other(name)
        }
    }
}

extension TrainerEvent.Started {
    init(_ value: JSONValue) {
        let versions = (value["versions"]?.object?.members ?? []).compactMap { member in
            member.value.string.map { (member.key, $0) }
        }
        self.init(
            device: value["device"]?.string ?? "",
            dtype: value["dtype"]?.string ?? "",
            threads: value["threads"]?.int ?? 0,
            steps: value["steps"]?.int ?? 0,
            epochs: value["epochs"]?.double ?? 0,
            rows: value["rows"]?.int ?? 0,
            validationRows: value["validation_rows"]?.int ?? 0,
            tokens: value["tokens"]?.int ?? 0,
            labelTokens: value["label_tokens"]?.int ?? 0,
            rejected: value["rejected"]?.int ?? 0,
            versions: Dictionary(versions) { $1 },
            resumedFrom: value["resumed_from"]?.int
        )
    }
}

extension TrainerEvent.Step {
    init(_ value: JSONValue, step: Int) {
        self.init(
            step: step,
            steps: value["steps"]?.int ?? 0,
            epoch: value["epoch"]?.double ?? 0,
            loss: value["loss"]?.double,
            learningRate: value["learning_rate"]?.double,
            gradientNorm: value["grad_norm"]?.double,
            tokens: value["tokens"]?.int ?? 0,
            tokensPerSecond: value["tokens_per_second"]?.double
        )
    }
}

extension TrainerEvent.Evaluating {
    init(_ value: JSONValue) {
        self.init(
            model: value["model"]?.string ?? "",
            what: value["what"]?.string ?? "",
            done: value["done"]?.int ?? 0,
            total: value["of"]?.int ?? 0
        )
    }
}

extension TrainerEvent.Sample {
    init(_ value: JSONValue, step: Int) {
        self.init(
            step: step,
            index: value["index"]?.int ?? 0,
            prompt: value["prompt"]?.string ?? "",
            answer: value["answer"]?.string ?? ""
        )
    }
}

extension TrainerEvent.Completed {
    init(_ value: JSONValue) {
        self.init(
            steps: value["steps"]?.int ?? 0,
            seconds: value["seconds"]?.double ?? 0,
            trainLoss: value["train_loss"]?.double,
            validationLoss: value["validation_loss"]?.double,
            baseValidationLoss: value["base_validation_loss"]?.double,
            keptStep: value["kept_step"]?.int,
            earlyStoppingStep: value["early_stopping_step"]?.int,
            tokens: value["tokens"]?.int ?? 0,
            tokensPerSecond: value["tokens_per_second"]?.double,
            peakMemory: value["peak_memory_bytes"]?.int,
            dtype: value["dtype"]?.string,
            threads: value["threads"]?.int
        )
    }
}
