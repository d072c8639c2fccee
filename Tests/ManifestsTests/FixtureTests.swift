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

@Suite("Manifests and their diagnostics")
struct FixtureTests {
    /// Set to write the expected diagnostics anew; they are then read by a person before they are committed.
    private static let records = ProcessInfo.processInfo.environment["FTOPS_RECORD"] == "1"

    @Test("says of each bad manifest what is expected", arguments: try MarkedFixture.all("bad"))
    func badManifest(_ fixture: MarkedFixture) throws {
        let result = ManifestLoader.load([fixture.file])
        let found = fixture.describe(result.diagnostics)
        if Self.records { try Data(found.utf8).write(to: fixture.expectedURL) }
        let expected = String(decoding: try Data(contentsOf: fixture.expectedURL), as: UTF8.self)
        #expect(found == expected)
        #expect(result.hasErrors)
        for diagnostic in result.diagnostics { try checkPlace(diagnostic, in: fixture) }
    }

    @Test("finds nothing wrong with a good manifest", arguments: try MarkedFixture.all("good"))
    func goodManifest(_ fixture: MarkedFixture) {
        #expect(fixture.describe(ManifestLoader.load([fixture.file]).diagnostics) == "")
    }

    @Test("has at least forty bad manifests")
    func count() throws {
        #expect(try MarkedFixture.all("bad").count >= 40)
    }

    private func checkPlace(_ diagnostic: Diagnostic, in fixture: MarkedFixture) throws {
        let range = try #require(diagnostic.range)
        let line = try #require(diagnostic.sourceLine)
        #expect(range.file == fixture.file.path)
        #expect(range.start <= range.end)
        #expect(range.start.column - 1 <= line.unicodeScalars.count)
        #expect(line.unicodeScalars.count <= 200)
    }
}
