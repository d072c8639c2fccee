//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Packing
package import Planning
import Resources

extension RunEntry: Packable {
    /// Writes the entry.
    package func pack(to packer: inout Packer) {
        packer.choice(state)
        packer.digest(fingerprint.digest)
        packer.list(fineTunes) { $0.text($1.rawValue) }
        packer.model(model)
        packer.text(commit)
        packer.text(branch)
        packer.value(holder)
        packer.optional(estimate) { $0.value($1) }
        packer.list(attempts) { $0.value($1) }
        packer.optional(failure) { $0.value($1) }
        packer.optional(request) { $0.value($1) }
        packer.optional(version) { $0.value($1) }
        packer.list(replaced) { $0.value($1) }
    }

    /// Reads an entry.
    package init(from unpacker: inout Unpacker) throws(PackingError) {
        self.init(
            state: try unpacker.choice(),
            fingerprint: Fingerprint(try unpacker.digest()),
            fineTunes: try unpacker.names(),
            model: try unpacker.model(),
            commit: try unpacker.text(),
            branch: try unpacker.text(),
            holder: try unpacker.value(),
            estimate: try unpacker.optionalValue(),
            attempts: try unpacker.list { unpacker throws(PackingError) in try unpacker.value() },
            failure: try unpacker.optionalValue(),
            request: try unpacker.optionalValue(),
            version: try unpacker.optionalValue(),
            replaced: try unpacker.list { unpacker throws(PackingError) in try unpacker.value() }
        )
    }
}

extension RunEntry.Holder: Packable {
    /// Writes the holder.
    package func pack(to packer: inout Packer) {
        packer.text(id.rawValue)
        packer.text(host)
        packer.optional(until) { $0.time($1) }
    }

    /// Reads a holder.
    package init(from unpacker: inout Unpacker) throws(PackingError) {
        self.init(
            id: HolderID(rawValue: try unpacker.text()),
            host: try unpacker.text(),
            until: try unpacker.optionalTime()
        )
    }
}

extension RunEntry.Estimate: Packable {
    /// Writes the estimate.
    package func pack(to packer: inout Packer) {
        packer.optional(minutes) { $0.double($1) }
        packer.optional(cost) { $0.money($1) }
    }

    /// Reads an estimate.
    package init(from unpacker: inout Unpacker) throws(PackingError) {
        self.init(minutes: try unpacker.optionalDouble(), cost: try unpacker.optionalMoney())
    }
}

extension RunEntry.Attempt: Packable {
    /// Writes the attempt.
    package func pack(to packer: inout Packer) {
        packer.int(number)
        packer.text(holder.rawValue)
        packer.choice(backend)
        packer.value(estimate)
        packer.time(started)
        packer.optional(ended) { $0.time($1) }
        packer.optional(outcome) { $0.text($1) }
        packer.optional(cost) { $0.money($1) }
    }

    /// Reads an attempt.
    package init(from unpacker: inout Unpacker) throws(PackingError) {
        self.init(
            number: try unpacker.int(),
            holder: HolderID(rawValue: try unpacker.text()),
            backend: try unpacker.choice(),
            estimate: try unpacker.value(),
            started: try unpacker.time(),
            ended: try unpacker.optionalTime(),
            outcome: try unpacker.optionalText(),
            cost: try unpacker.optionalMoney()
        )
    }
}

extension RunEntry.Failure: Packable {
    /// Writes the failure.
    package func pack(to packer: inout Packer) {
        packer.text(kind)
        packer.text(message)
    }

    /// Reads a failure.
    package init(from unpacker: inout Unpacker) throws(PackingError) {
        self.init(kind: try unpacker.text(), message: try unpacker.text())
    }
}

extension RunEntry.Request: Packable {
    /// Writes the request.
    package func pack(to packer: inout Packer) {
        switch self {
        case .cancel: packer.byte(0)
        case .pause(let person):
            packer.byte(1)
            packer.text(person)
        }
    }

    /// Reads a request.
    package init(from unpacker: inout Unpacker) throws(PackingError) {
        switch try unpacker.byte() {
        case 0: self = .cancel
        case 1: self = .pause(by: try unpacker.text())
        default: throw PackingError()
        }
    }
}
