//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Runs

/// Where a model answers: on a GPU that nobody else uses meanwhile, or on the CPU.
///
/// An answer waits for nobody: where runs hold every GPU, which may be for hours, the CPU gives it. The CPU's own lock
/// is left to trainings, beside which there is room for an answer.
package struct GenerationPlace: Sendable {
    /// What it computes on.
    package let device: Device
    /// The device's lock, to be inherited by the trainer; none for the CPU.
    package let lock: DeviceLock?
    /// Whether it is the CPU because other runs hold every GPU.
    package let isCrowded: Bool

    /// The CPU.
    package static var cpu: GenerationPlace { GenerationPlace(device: .cpu, lock: nil, isCrowded: false) }

    /// The first of a machine's devices that is free; locks lie in a folder.
    package static func take(oneOf devices: [Device], in folder: String) throws -> GenerationPlace {
        let gpus = devices.filter { $0.kind == .cuda }
        if gpus.isEmpty { return .cpu }
        guard let lock = try DeviceLock.tryAcquire(oneOf: gpus, in: folder) else {
            return GenerationPlace(device: .cpu, lock: nil, isCrowded: true)
        }
        return GenerationPlace(device: lock.device, lock: lock, isCrowded: false)
    }
}
