//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Foundation
import Testing

/// Texts kept beside the tests; `FTOPS_RECORD=1` writes them anew.
enum Snapshot {
    static func expect(_ text: String, is name: String, file: String = #filePath) throws {
        let folder = URL(filePath: file).deletingLastPathComponent().appending(path: "Snapshots")
        let path = folder.appending(path: name)
        if ProcessInfo.processInfo.environment["FTOPS_RECORD"] == "1" {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try Data(text.utf8).write(to: path)
        }
        let expected = String(decoding: try Data(contentsOf: path), as: UTF8.self)
        #expect(text == expected, "\(name) differs; FTOPS_RECORD=1 writes it anew")
    }
}
