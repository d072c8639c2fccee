//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Resources

@testable import Manifests
@testable import YAML

/// Manifests: read, decoded, and laid out anew, which changes no meaning and is done once and for all.
enum ManifestTarget {
    @Sendable
    static func read(_ bytes: [UInt8]) {
        let file = ManifestFile(path: "manifests/a.yaml", bytes: bytes)
        let found = ManifestLoader.load([file]).diagnostics
        for finding in found {
            guard let range = finding.range else { continue }
            Fuzz.expect(range.start <= range.end, "a finding ends before it begins")
        }
        // Most inputs are no YAML, of which `fmt` says the same.
        guard !found.contains(where: { $0.id == "syntax" }) else { return }
        var editor = ManifestEditor(file)
        let findings = editor.format()
        // The layout is checked and the file would stay as it is; that it had to is a fault all the same.
        Fuzz.expect(
            !findings.contains { $0.message.contains("without changing what it says") },
            "fmt would change what it lays out"
        )
        guard findings.isEmpty, editor.file != file else { return }
        Fuzz.expect(layout(editor.file.bytes) == editor.file.bytes, "fmt changes what it wrote")
    }

    private static func layout(_ bytes: [UInt8]) -> [UInt8]? {
        let text = Array(String(decoding: bytes, as: UTF8.self).unicodeScalars)
        guard let syntax = try? YAMLReader.syntax(bytes) else { return nil }
        return (try? ManifestLayout.format(text, syntax)).map { Array($0.utf8) }
    }
}
