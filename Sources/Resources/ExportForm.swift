//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// The form in which a version is taken away.
package enum ExportForm: String, Hashable, Sendable, CaseIterable {
    /// The adapter alone, as peft and vLLM load it.
    case adapter
    /// Base and adapter as one model, in a folder that transformers and vLLM load.
    case hf
    /// Base and adapter as one GGUF file, for llama.cpp and LM Studio.
    case gguf
    /// That file, and the `Modelfile` by which Ollama makes a model of it.
    case ollama

    /// Whether base and adapter become one.
    package var isMerged: Bool { self != .adapter }
    /// Whether that is a GGUF file.
    package var isGGUF: Bool { self == .gguf || self == .ollama }
}
