//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Resources

/// The memory that a training would have: of one GPU, or of the machine where that has none.
package struct DeviceMemory: Hashable, Sendable {
    /// Its bytes.
    package var bytes: Int
    /// Whether it is a GPU's.
    package var isGPU: Bool
    /// Whether what it belongs to computes in bfloat16, so that a base that does not train takes half as much.
    package var isHalf: Bool
    /// Whether the BaseModel says so; else it is this machine's, and training may be another machine's.
    package var isStated: Bool

    /// Makes a description of memory.
    package init(bytes: Int, isGPU: Bool, isHalf: Bool, isStated: Bool = false) {
        self.bytes = bytes
        self.isGPU = isGPU
        self.isHalf = isHalf
        self.isStated = isStated
    }

    /// What a BaseModel says; nothing where it says nothing.
    init?(_ hardware: BaseModel.Hardware?) {
        guard let hardware, let bytes = hardware.memory else { return nil }
        // Nobody knows what its processors can: the one that needs less is taken for it.
        self.init(bytes: bytes, isGPU: hardware.gpus != 0, isHalf: true, isStated: true)
    }

    /// What there is, such as `the hardware has 24 GB`.
    var words: String {
        let owner = isStated ? "the hardware" : isGPU ? "this machine's GPU" : "this machine"
        return "\(owner) has \(Self.words(Double(bytes)))"
    }

    /// An amount of memory such as `9.5 GB` or `31 GB`.
    static func words(_ bytes: Double) -> String {
        let tenths = min((bytes / 1e8).rounded(), 1e12)
        return tenths < 100 && tenths > 0 ? "\(tenths / 10) GB" : "\(Int((tenths / 10).rounded())) GB"
    }
}
