//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Resources

/// The order in which requests can be trained: whatever goes on from another comes behind it.
struct RequestOrder {
    /// Places of requests that wait for nothing, then of those that wait for these, and so on; each sorted by name.
    let levels: [[Int]]

    init(_ requests: [TrainingRequest]) {
        var children: [ResourceName: [Int]] = [:]
        var level = Array(requests.indices)
        if requests.contains(where: { $0.inputs.parent != nil }) {
            let names = Set(requests.map(\.fineTune))
            let parent = { (place: Int) in
                requests[place].inputs.parent.flatMap { names.contains($0.fineTune) ? $0.fineTune : nil }
            }
            for place in level { if let parent = parent(place) { children[parent, default: []].append(place) } }
            level.removeAll { parent($0) != nil }
        }
        var levels: [[Int]] = []
        while !level.isEmpty {
            let names = level.map { requests[$0].fineTune }
            let isSorted = zip(names, names.dropFirst()).allSatisfy { $0 <= $1 }
            if !isSorted { level.sort { requests[$0].fineTune < requests[$1].fineTune } }
            levels.append(level)
            level = children.isEmpty ? [] : Set(names).flatMap { children[$0] ?? [] }
        }
        self.levels = levels
    }
}
