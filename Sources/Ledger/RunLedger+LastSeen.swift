//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Git

extension RunLedger {
    /// What a repository knows of its ledger without asking a remote: what was last read of it, else the own one.
    package static func lastSeen(
        in repository: GitRepository,
        remote: String?,
        reference: String,
        memory: RecordMemory = .ofProcess
    ) throws -> LedgerSnapshot? {
        let names = (remote.map { [seenReference(of: $0)] } ?? []) + [reference]
        for name in names {
            guard let tip = try repository.reference(name) else { continue }
            return try LedgerHistory(repository: repository, memory: memory).snapshot(at: tip)
        }
        return nil
    }
}
