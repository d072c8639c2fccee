//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Resources

/// Whether what a training takes of memory is there.
package struct MemoryFit: Hashable, Sendable {
    /// How sure it is.
    package enum Verdict: Hashable, Sendable {
        case fits
        /// It may run out of memory.
        case tight
        /// It runs out of memory, however far the estimate is off.
        case exceeds
    }

    /// The bytes that it takes, as they are estimated.
    package internal(set) var needed: Int
    /// The memory that there is.
    package let device: DeviceMemory
    /// What would fit, in words; empty where it does.
    package internal(set) var advice: [String] = []
    /// Where the manifest says how much there is, or else asks for the training.
    package internal(set) var range: SourceRange?

    /// Of the memory that there is, what may be planned with: the rest is lost between what is in use.
    static let usable = 0.9
    /// What a training gets along with at least, of what is estimated.
    static let least = 0.8

    init(_ demand: MemoryDemand, on device: DeviceMemory) {
        needed = Int(min(MemoryEstimate(demand, on: device).bytes, 1e18))
        self.device = device
    }

    /// Whether it fits.
    package var verdict: Verdict {
        let (needed, there) = (Double(needed), Double(device.bytes))
        if needed <= there * Self.usable { return .fits }
        return needed * Self.least > there ? .exceeds : .tight
    }

    /// What it takes, what there is, and what would fit.
    var words: String {
        let need = "it needs about \(DeviceMemory.words(Double(needed))) of memory, and \(device.words)"
        return ([need] + advice).joined(separator: "; ")
    }

    /// Why it cannot be trained on a device of this memory; nothing where it might.
    package var block: Action.Block? {
        verdict == .exceeds ? Action.Block(kind: .backend, reason: words, range: range) : nil
    }
}
