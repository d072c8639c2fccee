//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Resources

/// The lines of manifests that findings are about.
package enum SourceLines {
    /// Findings with the line of each that has a place in these files and no line yet, for the caret under it.
    package static func complete(_ findings: [Diagnostic], from files: [ManifestFile]) -> [Diagnostic] {
        guard findings.contains(where: { $0.sourceLine == nil }) else { return findings }
        let byPath = Dictionary(files.map { ($0.path, $0) }) { first, _ in first }
        var texts: [String: SourceText] = [:]
        return findings.map { finding in
            guard finding.sourceLine == nil, let range = finding.range,
                let file = byPath[range.file]
            else { return finding }
            let text = texts[range.file] ?? SourceText(file)
            texts[range.file] = text
            let place = text.place(range)
            var complete = finding
            (complete.sourceLine, complete.sourceColumn) = (place.sourceLine, place.sourceColumn)
            complete.bytes = place.bytes
            return complete
        }
    }

    /// Where a scalar of a text stands that a node of these files has at a range; nothing where that cannot be told,
    /// as in a folded text.
    package static func place(
        ofScalar offset: Int,
        of text: String,
        at range: SourceRange,
        in files: [ManifestFile]
    ) -> SourceRange? {
        guard let file = files.first(where: { $0.path == range.file }) else { return nil }
        let found = SourceText(file).position(ofScalar: offset, of: text, at: range)
        return found.map { start in
            SourceRange(file: file.path, start: start, end: SourcePosition(line: start.line, column: start.column + 1))
        }
    }
}
