//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Foundation
import Manifests
import Resources
import Testing

/// A manifest with markers such as `1️⃣` at the places of its expected diagnostics, which lie beside it.
struct MarkedFixture: CustomTestStringConvertible {
    let url: URL
    let file: ManifestFile
    let markers: [SourcePosition: String]

    var testDescription: String { url.lastPathComponent }

    static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")

    static func all(_ name: String) throws -> [MarkedFixture] {
        let folder = folder.appending(path: name)
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        return try files.filter { $0.pathExtension == "yaml" }
            .sorted { $0.lastPathComponent < $1.lastPathComponent }
            .map { try MarkedFixture(url: $0) }
    }

    init(url: URL) throws {
        self.url = url
        var text = String.UnicodeScalarView()
        var markers: [SourcePosition: String] = [:]
        var (line, column) = (1, 1)
        let scalars = Array(String(decoding: try Data(contentsOf: url), as: UTF8.self).unicodeScalars)
        var index = 0
        while index < scalars.count {
            if index + 2 < scalars.count, scalars[index + 1] == "\u{FE0F}", scalars[index + 2] == "\u{20E3}" {
                let marker = String(String.UnicodeScalarView(scalars[index...(index + 2)]))
                markers[SourcePosition(line: line, column: column)] = marker
                index += 3
                continue
            }
            text.append(scalars[index])
            (line, column) = scalars[index] == "\n" ? (line + 1, 1) : (line, column + 1)
            index += 1
        }
        self.markers = markers
        file = ManifestFile(path: "manifests/\(url.lastPathComponent)", text: String(text))
    }

    /// The file with the expected diagnostics.
    var expectedURL: URL { url.deletingPathExtension().appendingPathExtension("expected") }

    /// All diagnostics, each after the marker where it begins, and the markers where none does.
    func describe(_ diagnostics: [Diagnostic]) -> String {
        let lines = diagnostics.map { diagnostic in
            let start = diagnostic.range?.start
            let place = start.map { markers[$0] ?? "\($0.line):\($0.column)" } ?? "-"
            let notes = diagnostic.notes.map { "    note: \($0)\n" }.joined()
            return "\(place) \(diagnostic.severity.rawValue) \(diagnostic.id.rawValue): \(diagnostic.message)\n" + notes
        }
        let starts = Set(diagnostics.compactMap(\.range?.start))
        let unused = markers.filter { !starts.contains($0.key) }.values.sorted()
        return lines.joined() + unused.map { "\($0) nothing\n" }.joined()
    }
}
