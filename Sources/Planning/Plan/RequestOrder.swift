//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Resources

/// The requests in the order in which they can be trained: whatever goes on from another comes behind it.
struct RequestOrder {
    /// Requests that wait for nothing, then those that wait for these, and so on; each sorted by name.
    let levels: [[TrainingRequest]]

    init(_ requests: [TrainingRequest]) {
        let names = Set(requests.map(\.fineTune))
        let isChild = { (request: TrainingRequest) in
            request.inputs.parent.map { names.contains($0.fineTune) } ?? false
        }
        let children = Dictionary(grouping: requests.filter(isChild)) { $0.inputs.parent?.fineTune }
        var levels: [[TrainingRequest]] = []
        var level = requests.filter { !isChild($0) }
        while !level.isEmpty {
            level.sort { $0.fineTune < $1.fineTune }
            levels.append(level)
            level = Set(level.map(\.fineTune)).flatMap { children[$0] ?? [] }
        }
        self.levels = levels
    }
}
