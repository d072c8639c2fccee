//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import POSIX
internal import Runs

extension RunFolder {
    private var attemptFile: String { path + "/attempt" }

    /// The ledger's number of the attempt that this folder's trainer works at; nothing before the first.
    func readAttempt() throws -> Int? {
        guard let bytes = try FileContents.readIfPresent(attemptFile) else { return nil }
        return Int(String(decoding: bytes, as: UTF8.self).prefix { $0.isNumber })
    }

    /// Writes the number of the attempt that begins; on the disk when it returns.
    func write(attempt: Int) throws {
        try DurableFile.write("\(attempt)\n", to: attemptFile)
    }
}
