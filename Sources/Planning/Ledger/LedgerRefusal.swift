//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Resources

/// Why a step is not allowed at the ledger's tip; the caller reads the tip again and decides anew.
package struct LedgerRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    /// A refusal's kind.
    package enum Reason: Hashable, Sendable {
        /// The ledger has no such run.
        case absent
        /// Another machine holds it, or has it until the lease ends.
        case held(RunEntry.Holder)
        /// This machine holds it already.
        case heldHere
        /// It was trained; what is left is to publish it.
        case trained(VersionID)
        /// It failed, and nobody asked to try again.
        case failed(RunEntry.Failure)
        /// Somebody asked to cancel or to pause it.
        case requested(RunEntry.Request)
        /// Its state knows no such step.
        case wrongState(RunEntry.State)
    }

    /// The kind of refusal.
    package let reason: Reason

    init(_ reason: Reason) { self.reason = reason }

    /// What is in the way, for people.
    package var description: String {
        switch reason {
        case .absent: "the ledger has no such run"
        case .held(let holder): "\(holder.host) holds the run" + (holder.until.map { " until \($0)" } ?? "")
        case .heldHere: "this machine holds the run already"
        case .trained(let id): "the run was trained already, as version \(id.short)"
        case .failed(let failure): "the run failed (\(failure.kind)); `ftops apply --retry-failed` tries again"
        case .requested(.cancel): "somebody asked to cancel the run"
        case .requested(.pause(let person)): "\(person) paused the run; `ftops resume` goes on with it"
        case .wrongState(let state): "the run is \(state.rawValue)"
        }
    }
}
