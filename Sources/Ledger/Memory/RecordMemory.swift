//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Packing
import Planning
import Resources

/// Remembers the records of versions and the runs of ledgers that were read, so that each is parsed once.
package final class RecordMemory: Sendable {
    let versions: FolderMemory<VersionRecord>
    let runs: FolderMemory<RunEntry>

    /// What this process has read where nobody says otherwise.
    package static let ofProcess = RecordMemory()

    /// Remembers beside what an earlier process has read.
    package init(_ memory: ReadingMemory? = nil) {
        versions = FolderMemory(.versions, memory)
        runs = FolderMemory(.runs, memory)
    }
}
