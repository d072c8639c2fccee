//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import FtopsTestSupport
import Manifests
import Resources
import Testing

@Suite("Hostile YAML")
struct HostileYAMLTests {
    @Test("is refused where it is hostile", arguments: HostileYAML.all.filter { !$0.isLarge })
    func refused(_ bomb: HostileYAML) throws {
        let result = ManifestLoader.load([ManifestFile(path: "manifests/bomb.yaml", bytes: bomb.bytes)])
        #expect(result.hasErrors && result.diagnostics.count <= 1001)
        guard let refusal = bomb.refusal else { return }
        let finding = try #require(result.diagnostics.first { $0.id == "syntax" })
        let start = try #require(finding.range?.start)
        #expect("\(start.line):\(start.column): \(finding.message)" == refusal)
    }
}
