//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

extension DesiredState {
    /// The fine-tune that a fine-tune goes on from; nothing where it starts from a BaseModel, whose name goes first.
    package func parent(of fineTune: Located<FineTune>) -> Located<FineTune>? {
        baseModels[fineTune.spec.base] == nil ? fineTunes[fineTune.spec.base] : nil
    }

    /// The fine-tune and what it goes on from, the nearest first, up to one that is known already.
    package func lineage(
        of fineTune: Located<FineTune>,
        unless isKnown: (Located<FineTune>) -> Bool
    ) -> [Located<FineTune>] {
        var lineage: [Located<FineTune>] = []
        var next: Located<FineTune>? = fineTune
        while let current = next, !isKnown(current) {
            lineage.append(current)
            next = parent(of: current)
        }
        return lineage
    }

    /// The BaseModel that a fine-tune comes down to; nothing where it comes down to none.
    package func root(of fineTune: Located<FineTune>) -> Located<BaseModel>? {
        var seen: Set<ResourceName> = []
        return lineage(of: fineTune) { !seen.insert($0.name).inserted }.last.flatMap { baseModels[$0.spec.base] }
    }

    /// The fine-tune of a name, or the first point of the sweep of that name.
    package func fineTune(named name: ResourceName) -> Located<FineTune>? {
        fineTunes[name] ?? points(of: name).first
    }

    /// The points of a sweep, by name; none where there is no such sweep.
    package func points(of sweep: ResourceName) -> [Located<FineTune>] {
        fineTunes.values.filter { $0.spec.point?.sweep == sweep }.sorted { $0.name < $1.name }
    }
}
