//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Ledger
package import Planning
package import Resources

/// Finishes what is trained: commits the version, then writes `published`. Whoever finds a run trained may do it.
package struct Delivery {
    /// What versions are published with.
    package let publishing: Publishing

    /// Makes a delivery.
    package init(_ publishing: Publishing) { self.publishing = publishing }

    /// Publishes the version of an entry and marks it so.
    package func publish(
        _ record: VersionRecord,
        of entry: RunEntry,
        description: Model?,
        push: Bool,
        now: Timestamp
    ) throws -> Publication {
        let publisher = publishing.publisher(branch: entry.branch, push: push)
        let publication = try publisher.publish(record, description: description)
        guard publication.isPublished, let number = publication.number else { return publication }
        _ = try publishing.home.ledger.step(message: "publish \(entry.fingerprint.short)", now: now) { snapshot in
            let present = snapshot.entries[entry.fingerprint]
            return [entry.fingerprint: try LedgerTransition.published(present, record.id, number: number)]
        }
        return publication
    }
}
