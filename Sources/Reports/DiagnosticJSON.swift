//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import JSON
package import Resources

/// Diagnostics for programs, in the format that `.docs/json.md` describes.
package enum DiagnosticJSON {
    /// The document that a validation prints: format version, whether all is well, counts, findings.
    package static func document(_ diagnostics: [Diagnostic]) -> JSONValue {
        let errors = diagnostics.count { $0.severity == .error }
        return [
            "format_version": "1.0",
            "valid": .bool(errors == 0),
            "error_count": .int(errors),
            "warning_count": .int(diagnostics.count - errors),
            "diagnostics": .array(diagnostics.map(value)),
        ]
    }

    /// One finding.
    package static func value(_ diagnostic: Diagnostic) -> JSONValue {
        var object = JSONObject()
        object["severity"] = .string(diagnostic.severity.rawValue)
        object["code"] = .string(diagnostic.id.rawValue)
        object["summary"] = .string(diagnostic.message)
        object["detail"] = .string(diagnostic.notes.joined(separator: "\n"))
        if let range = diagnostic.range {
            object["range"] = [
                "file": .string(range.file),
                "start": position(range.start, byte: diagnostic.bytes?.lowerBound),
                "end": position(range.end, byte: diagnostic.bytes?.upperBound),
            ]
            object["snippet"] = diagnostic.sourceLine.map { snippet($0, of: diagnostic, range) }
        }
        return .object(object)
    }

    private static func position(_ position: SourcePosition, byte: Int?) -> JSONValue {
        var object = JSONObject()
        object["line"] = .int(position.line)
        object["column"] = .int(position.column)
        object["byte"] = byte.map { .int($0) }
        return .object(object)
    }

    /// The range's first line, or a piece of it; the offsets count Unicode scalars, and stay inside of the piece.
    private static func snippet(_ code: String, of diagnostic: Diagnostic, _ range: SourceRange) -> JSONValue {
        let count = code.unicodeScalars.count
        let start = min(max(range.start.column - diagnostic.sourceColumn, 0), count)
        let end = range.end.line > range.start.line ? count : range.end.column - diagnostic.sourceColumn
        return [
            "context": diagnostic.context.map { .string($0) } ?? .null,
            "code": .string(code),
            "start_line": .int(range.start.line),
            "highlight_start_offset": .int(start),
            "highlight_end_offset": .int(min(max(end, start), count)),
        ]
    }
}
