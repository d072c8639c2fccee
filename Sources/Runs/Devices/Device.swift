//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// What a run computes on: the CPU, or one GPU of this machine.
package enum Device: Hashable, Sendable, CustomStringConvertible {
    /// What kind of device a job is made for, as `job.json` and PyTorch name it.
    package enum Kind: String, Hashable, Sendable {
        case cpu
        case cuda
    }

    case cpu
    /// An NVIDIA GPU, or a slice of one, by its UUID.
    case gpu(String)

    /// Its kind.
    package var kind: Kind {
        switch self {
        case .cpu: .cpu
        case .gpu: .cuda
        }
    }

    /// Its name: `cpu`, or the UUID.
    package var description: String {
        switch self {
        case .cpu: "cpu"
        case .gpu(let id): id
        }
    }

    /// The variables by which a program sees this device, and no GPU that is another run's.
    package var environment: [String: String] {
        switch self {
        case .cpu: [DeviceSurvey.visible: ""]
        case .gpu(let id): [DeviceSurvey.visible: id]
        }
    }
}
