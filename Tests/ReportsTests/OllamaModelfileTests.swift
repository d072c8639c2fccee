//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Resources
import Testing

@testable import Reports

@Suite("OllamaModelfile")
struct OllamaModelfileTests {
    private static func text(_ form: Template.Form, stop: [String] = []) throws -> String {
        var version = ReportSamples.version()
        (version.inputs.form, version.inputs.stop) = (form, stop)
        return try OllamaModelfile.text(version, gguf: "model.gguf")
    }

    @Test("a prompt reaches the model as it is, and a conversation by the template of the GGUF")
    func templates() throws {
        let prompted = "FROM ./model.gguf\nTEMPLATE \"\"\"{{ .Prompt }}\"\"\"\nPARAMETER temperature 0\n"
        #expect(try Self.text(.promptCompletion(prompt: "{a}", completion: "{b}")) == prompted)
        #expect(try Self.text(.text("{a}")) == prompted)
        #expect(try Self.text(.messages(field: "chat")) == "FROM ./model.gguf\nPARAMETER temperature 0\n")
    }

    @Test(
        "a stop sequence stands between quotation marks that Ollama takes away again",
        arguments: [
            ("</s>", "\"</s>\""), ("\n", "\"\n\""), (" end ", "\" end \""), ("\"}", "\"\"}\""), ("a\"", "\"a\"\""),
            // One mark would be at its end before the line feed.
            ("\"\n", "\"\"\"\"\n\"\"\""), ("\"\"x", "\"\"\"\"\"x\"\"\""), ("\r\n#", "\"\r\n#\""), ("\\n", "\"\\n\""),
        ]
    )
    func stops(_ stop: String, _ value: String) throws {
        let text = try Self.text(.text("{a}"), stop: [stop])
        #expect(text.contains("PARAMETER stop \(value)\nPARAMETER temperature 0\n"), "\(text)")
    }

    @Test("a stop sequence that Ollama would read otherwise is refused", arguments: ["\"\"\"\n", "\u{200D}", "\u{7}x"])
    func refused(_ stop: String) {
        #expect(throws: ModelfileError.self) { try Self.text(.text("{a}"), stop: [stop]) }
    }

    @Test("the page of a version says how a program for GGUF files runs it")
    func card() {
        let card = { ModelCard.markdown(ReportSamples.version(), form: $0) }
        #expect(card(.gguf).contains("llama-cli -m model.gguf") && card(.gguf).contains("tags: [ftops, lora, gguf]"))
        #expect(card(.ollama).contains("ollama create \(ReportSamples.model.name) -f Modelfile"))
        #expect(!card(.ollama).contains("library_name") && card(.hf).contains("library_name: \"transformers\""))
        #expect(card(.adapter).contains("library_name: \"peft\"") && !card(.adapter).contains("gguf"))
    }
}
