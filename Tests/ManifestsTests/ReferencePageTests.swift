//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Foundation
import FtopsTestSupport
import Manifests
import Testing

@Suite("The reference page")
struct ReferencePageTests {
    @Test("is what the tables say today")
    func upToDate() throws {
        let page = Scenario.package.appending(path: ".docs/reference.md")
        if ProcessInfo.processInfo.environment["FTOPS_RECORD"] == "1" {
            try Data(ReferencePage.text.utf8).write(to: page)
        }
        let written = try String(contentsOf: page, encoding: .utf8)
        #expect(written == ReferencePage.text, "ftops schema --format markdown > .docs/reference.md")
    }
}
