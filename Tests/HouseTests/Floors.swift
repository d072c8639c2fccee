//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// The floors of the package: a module's dependencies lie on lower ones.
enum Floors {
    /// Every module of a product and its floor; modules of one floor do not know each other.
    static let table: [Int: [String]] = [
        8: ["ftops"],
        7: ["Commands", "Server"],
        6: ["Reconciler"],
        5: ["Backends", "Inference", "Forge"],
        4: ["Artifacts", "Datasets", "Downloads", "Journal", "Ledger", "Manifests", "ReplicateAPI", "Reports", "Runs"],
        3: ["Planning", "Resources", "Scheduling"],
        2: ["Compression", "Digest", "Git", "JSON", "Packing", "POSIX", "Transfer", "YAML"],
        1: ["CBytes", "CCrypto", "CPOSIX", "CCurl", "CGit2", "CYAML", "CZlib", "CZstd"],
    ]

    /// The one module that its neighbours may import: the values that everything speaks.
    static let shared = "Resources"

    /// Modules from elsewhere, and the lowest floor that may import each.
    static let outside: [String: Int] = [
        "ArgumentParser": 7,
        "Dispatch": 2,
        "Foundation": 2,
        "FoundationEssentials": 2,
        "Glibc": 2,
        "Synchronization": 2,
    ]

    /// The floor of a module.
    static func floor(_ module: String) -> Int? {
        table.first { $0.value.contains(module) }?.key
    }

    /// Why a module may not depend on another; nothing where it may.
    static func objection(to dependency: String, in module: String) -> String? {
        guard let floor = floor(module) else { return "\(module) has no floor" }
        guard let below = Floors.floor(dependency) else { return "\(dependency) has no floor" }
        if below < floor || (below == floor && dependency == shared) { return nil }
        return "\(module) on floor \(floor) reaches \(dependency) on floor \(below)"
    }
}
