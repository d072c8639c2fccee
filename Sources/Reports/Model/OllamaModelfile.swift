//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import JSON
package import Resources

/// The file by which Ollama makes a model of a GGUF: it asks as the version was trained, and answers end where they did.
package enum OllamaModelfile {
    /// Its name in the folder.
    package static let name = "Modelfile"

    /// The file's text, for a GGUF that lies beside it.
    ///
    /// A prompt reaches the model as it is given, since ftops renders the rows of a training; conversations go through
    /// the chat template that the GGUF carries. Nothing but the likeliest token is taken, as `ftops run` does.
    ///
    /// - Throws: where a stop sequence cannot be written in such a file.
    package static func text(_ version: VersionRecord, gguf: String) throws(ModelfileError) -> String {
        var lines = ["FROM ./\(gguf)"]
        if case .messages = version.inputs.form {} else { lines.append("TEMPLATE \"\"\"{{ .Prompt }}\"\"\"") }
        for stop in version.inputs.stop where !stop.isEmpty {
            guard let value = value(stop) else {
                let shown = JSONText.compact(.string(stop))
                throw ModelfileError("a Modelfile cannot hold the stop sequence \(shown): take --format gguf instead")
            }
            lines.append("PARAMETER stop \(value)")
        }
        lines.append("PARAMETER temperature 0")
        return lines.joined(separator: "\n") + "\n"
    }

    /// A value such that Ollama reads the text, between one quotation mark or three; it knows no escapes.
    private static func value(_ text: String) -> String? {
        ["\"", "\"\"\""].lazy.map { $0 + text + $0 }.first { read($0) == text }
    }

    /// What Ollama reads of a value that a line feed follows; nothing where it would read on.
    ///
    /// It looks, at each white space, whether what it has so far is whole, and passes over what cannot be printed.
    private static func read(_ value: String) -> String? {
        var seen: [Unicode.Scalar] = []
        for scalar in Array(value.unicodeScalars) + ["\n"] {
            let isLineEnd = scalar == "\n" || scalar == "\r"
            if isLineEnd, let whole = unquoted(seen) { return whole }
            if isLineEnd || scalar == " " || scalar == "\t" || isPrinted(scalar) { seen.append(scalar) }
        }
        return nil
    }

    private static func unquoted(_ scalars: [Unicode.Scalar]) -> String? {
        let isSpace = { (scalar: Unicode.Scalar) in scalar.properties.isWhitespace }
        let trimmed = Array(scalars.drop(while: isSpace).reversed().drop(while: isSpace).reversed())
        let count = trimmed.starts(with: ["\"", "\"", "\""]) ? 3 : 1
        let quotes = Array(repeating: Unicode.Scalar("\""), count: count)
        guard trimmed.count >= 2 * count, trimmed.suffix(count).elementsEqual(quotes) else { return nil }
        return String(String.UnicodeScalarView(trimmed.dropFirst(count).dropLast(count)))
    }

    private static func isPrinted(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
        case .spaceSeparator: scalar == " "
        default: true
        }
    }
}

/// Why there can be no Modelfile.
package struct ModelfileError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is in the way, and what to do; lower case, no full stop.
    package let description: String

    init(_ description: String) { self.description = description }
}
