//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Git
internal import Planning
internal import Resources
internal import Runs

extension RunService {
    /// What becomes of a run whose pause was asked for, or taken back.
    package enum Course: Hashable, Sendable {
        /// Its holder is this machine, and does it at once.
        case here
        /// It is paused already, or goes on already.
        case already
        /// Its holder is another machine, which looks every minute; or goes on at its next `apply`.
        case elsewhere(host: String)
        /// It may go on, and the next `apply` here starts it.
        case atNextApply
    }

    /// Asks whoever holds a run to stop it at a checkpoint, and everyone to leave it there until `resume`.
    package func pause(_ status: Status) throws -> Course {
        let person = (try? workspace.repository.configuredIdentity().name) ?? "somebody"
        let entry = try settle(status, "pause") { entry, _ in try LedgerTransition.requestPause(entry, by: person) }
        guard let entry, entry.state != .paused else { return .already }
        guard try isOwn(entry) else { return .elsewhere(host: entry.holder.host) }
        let folder = try folder(status.run)
        guard folder.isPrepared else { return .here }
        try folder.wishPause()
        _ = try supervisors.spawnUnlessAlive(folder)
        return .here
    }

    /// Lets a paused run go on: on this machine at once, on another at its next `apply`.
    package func resume(_ status: Status) throws -> Course {
        let entry = try settle(status, "resume") { entry, _ in try LedgerTransition.resume(entry) } ?? status.entry
        guard try isOwn(entry) else { return .elsewhere(host: entry.holder.host) }
        let folder = try folder(status.run)
        guard folder.isPrepared else { return .atNextApply }
        let isPaused = status.entry.state == .paused || status.entry.pausedBy != nil || folder.isPauseWished
        try folder.forgetPause()
        let child = try supervisors.spawnUnlessAlive(folder)
        return isPaused || child != nil ? .here : .already
    }
}
