//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Foundation

/// The repository that the tests were built from.
enum Repository {
    /// Its top folder.
    static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Every Swift file under a folder.
    static func sources(under folder: String) -> [SourceFile] {
        let top = root.appending(path: folder)
        let names = FileManager.default.enumerator(atPath: top.path(percentEncoded: false))
        return (names?.compactMap { $0 as? String } ?? []).filter { $0.hasSuffix(".swift") }.sorted()
            .compactMap { name in
                guard let text = try? String(contentsOf: top.appending(path: name), encoding: .utf8) else { return nil }
                return SourceFile(path: "\(folder)/\(name)", text: text)
            }
    }
}

/// A Swift file and what the house's rules ask of it.
struct SourceFile {
    let path: String
    let text: String

    /// Its lines, comments left out.
    var code: [Substring] {
        lines.filter { !$0.drop { $0 == " " }.hasPrefix("//") }
    }

    /// All of its lines.
    var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }

    /// The modules that it imports.
    var imports: [String] { code.compactMap(importedModule) }

    private func importedModule(_ line: Substring) -> String? {
        let words = line.split(separator: " ")
        guard
            let place = words.firstIndex(of: "import"),
            words[..<place].allSatisfy({ $0.hasPrefix("@") || Self.accessLevels.contains($0) })
        else { return nil }
        let name = words[(place + 1)...].first { !Self.kinds.contains($0) }
        return name.map { String($0.prefix { $0 != "." }) }
    }

    private static let accessLevels: Set<Substring> = ["public", "package", "internal", "fileprivate", "private"]
    private static let kinds: Set<Substring> = [
        "struct", "class", "enum", "func", "protocol", "typealias", "var", "let",
    ]
}
