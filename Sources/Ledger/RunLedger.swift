//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Git
import Glibc
package import Planning
package import Resources

/// The ledger of a manifest repository: runs are claimed and followed by steps that all machines see in one order.
///
/// It lies on the remote where there is one, else in the repository itself. It belongs to one thread, as repositories do.
package final class RunLedger {
    /// A remote that is a folder, opened.
    package struct Home {
        /// The remote's name, such as `origin`.
        package let name: String
        /// The repository there.
        package let repository: GitRepository

        /// Names an opened remote.
        package init(name: String, repository: GitRepository) {
            self.name = name
            self.repository = repository
        }

        /// Opens the folder that a repository's remote names; a remote over HTTP or SSH is refused.
        package init(opening name: String, of repository: GitRepository) throws {
            self.init(name: name, repository: try repository.openRemote(name))
        }
    }

    /// Where the ledger lies in git, unless a host refuses that name.
    package static let standardReference = "refs/ftops/ledger"

    let local: GitRepository
    let remote: Home?
    let reference: String
    let signer: Signature?
    let memory: RecordMemory
    let hasVersions: () throws -> Bool

    /// Opens the ledger of a repository.
    ///
    /// Whether any branch has versions tells a ledger that never began from one that was lost; it is asked where there
    /// is none.
    package init(
        repository: GitRepository,
        remote: Home? = nil,
        reference: String = RunLedger.standardReference,
        author: Signature? = nil,
        memory: RecordMemory = .ofProcess,
        hasVersions: @autoclosure @escaping () throws -> Bool
    ) {
        local = repository
        self.remote = remote
        self.reference = reference
        signer = author
        self.memory = memory
        self.hasVersions = hasVersions
    }

    /// Reads the ledger at its newest tip, and keeps what was read for times without the remote.
    package func read() throws -> LedgerSnapshot { try current().view }

    /// Takes a step: what is decided on the newest tip becomes one commit on it.
    ///
    /// The decision gives the entries to change, nothing for one to remove. Where the tip has moved meanwhile it is
    /// made anew, so it must depend on nothing but the snapshot and what the caller knows. Without a change there is no
    /// commit. Returns the ledger as it is after the step.
    @discardableResult
    package func step(
        message: String,
        now: Timestamp,
        decide: (LedgerSnapshot) throws -> [Fingerprint: RunEntry?]
    ) throws -> LedgerSnapshot {
        var refusals = 0
        while true {
            let reading = try current()
            var entries = reading.view.entries
            for (fingerprint, entry) in try decide(reading.view) {
                guard entry == nil || entry?.fingerprint == fingerprint else {
                    throw LedgerError(.badStep, "the step of \(fingerprint) carries the entry of another run")
                }
                entries[fingerprint] = entry
            }
            if let after = try advance(reading, to: entries, message: message, now: now) { return after }
            refusals += 1
            Self.pause(after: refusals)
        }
    }

    /// Makes the repository's own ledger part of the remote's where it is not yet, so that whoever reads it there, and
    /// has not this repository, sees all of it.
    package func join(now: Timestamp) throws {
        var refusals = 0
        while true {
            let reading = try current()
            guard reading.own != nil else { return }
            if try swap(reading, reading.view.entries, message: "join the ledger", now: now) != nil { return }
            refusals += 1
            Self.pause(after: refusals)
        }
    }

    /// Where nobody else moves the ledger the first try holds; of many, each waits a while of its own.
    static func pause(after refusals: Int) {
        let ceiling = UInt32(min(50_000, 500 << min(refusals, 8)))
        usleep(UInt32.random(in: 0...ceiling))
    }
}
