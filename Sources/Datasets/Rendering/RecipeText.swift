//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import JSON
internal import Resources

// What is known of rows is filed under all that they were asked for, as text. Swift could print the values itself, but it
// would have to find out about their types first, which takes longer than all else that a plan does with a dataset.

extension Dataset {
    /// All that is asked of the rows.
    var recipe: JSONValue {
        let parts = [
            source.recipe, sha256?.rawValue, format?.rawValue, filter, dedupe?.recipe, shuffle?.description,
            limit?.description, validation?.recipe,
        ]
        return .array(parts.map { $0.map { .string($0) } ?? .null })
    }
}

extension Dataset.Source {
    fileprivate var recipe: String {
        switch self {
        case .path(let path): "path " + path
        case .remote(let source): "remote " + source.text
        case .mix(let parts):
            "mix " + parts.map { "\($0.dataset.rawValue) \($0.weight?.description ?? "")" }.joined(separator: ",")
        }
    }
}

extension Dataset.Dedupe {
    fileprivate var recipe: String {
        switch self {
        case .exact: "exact"
        case .near(let share): "near " + share.description
        }
    }
}

extension Dataset.Validation {
    fileprivate var recipe: String {
        switch self {
        case .fraction(let share, let seed): "fraction \(share.description) \(seed.description)"
        case .rows(let count, let seed): "rows \(count.description) \(seed.description)"
        case .source(let source, let sha256): "source \(sha256?.rawValue ?? "") \(source.recipe)"
        }
    }
}

extension CompiledTemplate {
    /// The texts that rows are rendered by.
    var recipe: JSONValue {
        switch source {
        case .promptCompletion(let prompt, let completion): .array([.string(prompt), .string(completion)])
        case .preference(let prompt, let chosen, let rejected):
            .array([.string(prompt), .string(chosen), .string(rejected)])
        case .text(let text): .array([.string(text)])
        case .messages(let field): .array([.null, .string(field)])
        }
    }
}
