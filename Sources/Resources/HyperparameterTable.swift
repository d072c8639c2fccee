//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// One hyperparameter: the single place that says its name, type, default, range and meaning.
package struct HyperparameterField: Hashable, Sendable {
    /// What values a hyperparameter takes.
    package enum Kind: Hashable, Sendable {
        case bool
        case integer(ClosedRange<Int>)
        case number(ClosedRange<Double>)
        /// One of some words; those of `later` do not work yet.
        case choice([String], later: [String] = [])
        /// `all-linear`, or names of modules as a list or a text with commas.
        case modules
        case text
    }

    /// When a hyperparameter enters the fingerprint.
    package enum Entry: Hashable, Sendable {
        case always
        case never
        /// Where validation losses decide which weights are kept, or when training ends.
        case whereValidationDecides
    }

    /// The canonical name.
    package let name: String
    /// Other spellings that mean the same; two spellings at once are an error.
    package let aliases: [String]
    /// Type and range.
    package let kind: Kind
    /// The value where none is set; nothing means that the trainer works without.
    package let standard: HyperparameterValue?
    /// When it can change weights, and so enters the fingerprint.
    package let entry: Entry
    /// Whether the trainer honours it; a value set for one that it does not is an error.
    package let isSupported: Bool
    /// Where the manifests say the same, for one that is not honoured.
    package let instead: String?
    /// What it does, in a sentence for help and reference.
    package let summary: String

    init(
        _ name: String,
        _ kind: Kind,
        standard: HyperparameterValue?,
        aliases: [String] = [],
        entry: Entry = .always,
        isSupported: Bool = true,
        instead: String? = nil,
        summary: String
    ) {
        self.name = name
        self.aliases = aliases
        self.kind = kind
        self.standard = standard
        self.entry = entry
        self.isSupported = isSupported
        self.instead = instead
        self.summary = summary
    }
}

/// The table of all hyperparameters, from which checks, defaults, fingerprints and help are made.
package enum HyperparameterTable {
    private static let positive = 1...Int(Int32.max)

    /// Every hyperparameter, in the order of the reference.
    package static let fields: [HyperparameterField] = training + adapter + data + evaluation

    private static let training: [HyperparameterField] = [
        HyperparameterField(
            "num_train_epochs",
            .integer(positive),
            standard: .integer(1),
            aliases: ["num_epochs", "epochs"],
            summary: "Times that every row is trained on."
        ),
        HyperparameterField(
            "max_steps",
            .integer(positive),
            standard: nil,
            summary: "Optimizer steps after which training ends, whatever the epochs say."
        ),
        HyperparameterField(
            "learning_rate",
            .number(0...10),
            standard: .number(1e-4),
            summary: "Peak learning rate of AdamW."
        ),
        HyperparameterField(
            "lr_scheduler_type",
            .choice(["linear", "cosine", "constant"]),
            standard: .text("linear"),
            aliases: ["lr_scheduler"],
            summary: "How the learning rate falls after the warm-up."
        ),
        HyperparameterField(
            "warmup_ratio",
            .number(0...1),
            standard: .number(0.03),
            summary: "Share of the steps in which the learning rate rises to its peak."
        ),
        HyperparameterField(
            "weight_decay",
            .number(0...10),
            standard: .number(0),
            summary: "AdamW's decoupled weight decay."
        ),
        HyperparameterField(
            "max_grad_norm",
            .number(0...1_000_000),
            standard: .number(1),
            summary: "Norm to which the gradient is clipped; 0 clips nothing."
        ),
        HyperparameterField(
            "train_batch_size",
            .integer(positive),
            standard: .integer(32),
            summary: "Rows, or packs, an optimizer step over all GPUs."
        ),
        HyperparameterField(
            "micro_batch_size",
            .integer(positive),
            standard: nil,
            aliases: ["per_device_train_batch_size"],
            entry: .never,
            summary: "Rows, or packs, a forward pass of one device; changes memory and speed only."
        ),
        HyperparameterField(
            "gradient_accumulation_steps",
            .integer(positive),
            standard: nil,
            entry: .never,
            isSupported: false,
            instead: "it follows from `train_batch_size` and `micro_batch_size`",
            summary: "Forward passes an optimizer step."
        ),
        HyperparameterField(
            "seed",
            .integer(0...Int(Int32.max)),
            standard: .integer(42),
            summary: "Seed of all that is drawn."
        ),
        HyperparameterField(
            "save_steps",
            .integer(positive),
            standard: nil,
            entry: .never,
            summary: "Optimizer steps between checkpoints; by time where absent."
        ),
        HyperparameterField(
            "logging_steps",
            .integer(positive),
            standard: .integer(1),
            entry: .never,
            summary: "Optimizer steps between two reported losses."
        ),
    ]

    private static let adapter: [HyperparameterField] = [
        HyperparameterField(
            "peft_method",
            .choice(["lora", "qlora", "none"]),
            standard: .text("lora"),
            summary: "The kind of adapter, with `qlora` beside a base in four bits; `none` trains all weights."
        ),
        HyperparameterField(
            "lora_rank",
            .integer(1...4096),
            standard: .integer(8),
            aliases: ["lora_r"],
            summary: "Rank of the adapter's matrices."
        ),
        HyperparameterField(
            "lora_alpha",
            .integer(positive),
            standard: .integer(16),
            summary: "The adapter is scaled by lora_alpha / lora_rank."
        ),
        HyperparameterField(
            "use_rslora",
            .bool,
            standard: .bool(false),
            summary: "Whether the adapter is scaled by lora_alpha / √lora_rank instead."
        ),
        HyperparameterField(
            "lora_dropout",
            .number(0...1),
            standard: .number(0.05),
            summary: "Share of the adapter's inputs that is dropped in training."
        ),
        HyperparameterField(
            "target_modules",
            .modules,
            standard: .text("all-linear"),
            aliases: ["lora_target_modules"],
            summary: "Modules that get an adapter."
        ),
    ]

    private static let data: [HyperparameterField] = [
        HyperparameterField(
            "chunk_size",
            .integer(8...1_048_576),
            standard: .integer(2048),
            aliases: ["max_seq_length", "max_length", "sequence_len", "cutoff_len"],
            summary: "Tokens that a row, or a pack, has at most."
        ),
        HyperparameterField(
            "pack_sequences",
            .bool,
            standard: .bool(false),
            aliases: ["packing", "sample_packing"],
            summary: "Whether short rows share a pack of chunk_size tokens, which they do not see across."
        ),
        HyperparameterField(
            "wrap_packed_sequences",
            .bool,
            standard: .bool(false),
            summary: "With pack_sequences: whether packs cut rows, so that all but the last have chunk_size tokens."
        ),
        HyperparameterField(
            "train_on_inputs",
            .bool,
            standard: .bool(false),
            summary: "Whether the prompt carries loss too."
        ),
        HyperparameterField(
            "dpo_beta",
            .number(0.0001...100),
            standard: .number(0.1),
            aliases: ["beta"],
            summary: "For rows with chosen and rejected: how closely the model is held to what it goes on from."
        ),
    ]

    private static let evaluation: [HyperparameterField] = [
        HyperparameterField(
            "run_validation",
            .bool,
            standard: .bool(true),
            entry: .whereValidationDecides,
            summary: "Whether the validation loss is measured while training."
        ),
        HyperparameterField(
            "eval_steps",
            .integer(positive),
            standard: nil,
            entry: .whereValidationDecides,
            summary: "Optimizer steps between two validation losses; an epoch's where absent."
        ),
        HyperparameterField(
            "keep",
            .choice(["best", "last"]),
            standard: .text("last"),
            summary: "Which weights are the result: those of the lowest validation loss, or those of the last step."
        ),
        HyperparameterField(
            "early_stopping_patience",
            .integer(positive),
            standard: nil,
            summary: "Validation losses in a row, none of them a new lowest one, after which training ends."
        ),
        HyperparameterField(
            "num_validation_samples",
            .integer(0...Int(Int32.max)),
            standard: nil,
            isSupported: false,
            instead: "write `validation: {rows: 50}` in the Dataset",
            summary: "Rows taken for validation."
        ),
        HyperparameterField(
            "train_data",
            .text,
            standard: nil,
            isSupported: false,
            instead: "write `source` in the Dataset",
            summary: "The file of rows to train on."
        ),
        HyperparameterField(
            "validation_data",
            .text,
            standard: nil,
            aliases: ["eval_data"],
            isSupported: false,
            instead: "write `validation: {source: …}` in the Dataset",
            summary: "The file of rows to validate on."
        ),
        HyperparameterField(
            "validation_batch_size",
            .integer(positive),
            standard: nil,
            entry: .never,
            summary: "Rows a forward pass of validation; changes memory and speed only."
        ),
        HyperparameterField(
            "validation_prompt",
            .text,
            standard: nil,
            entry: .never,
            isSupported: false,
            instead: "write it among the FineTune's `evaluation.prompts`",
            summary: "A prompt that is answered after each epoch."
        ),
    ]

    private static let byName: [String: HyperparameterField] = {
        var table: [String: HyperparameterField] = [:]
        for field in fields {
            for name in [field.name] + field.aliases { table[name] = field }
        }
        return table
    }()

    /// The hyperparameter of a canonical name or an alias.
    package static func field(_ name: String) -> HyperparameterField? { byName[name] }

    /// Every hyperparameter's value: what is set, else its default; those without either are left out.
    package static func resolved(_ set: [String: HyperparameterValue]) -> ParameterValues {
        let settings = set.filter { name, value in
            guard let field = field(name), field.name == name else { return false }
            return field.isSupported && value != field.standard
        }
        return ParameterValues(
            hasDefaults: true,
            settings: settings.sorted { $0.key < $1.key }.map { ParameterValues.Setting(name: $0.key, value: $0.value) }
        )
    }

    /// The defaults of those that are supported and have one.
    static let defaults: [String: HyperparameterValue] = fields.reduce(into: [:]) { defaults, field in
        if field.isSupported { defaults[field.name] = field.standard }
    }
}
