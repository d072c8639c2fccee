//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Resources

/// Finds rows that are asked to be longer than what their base can read.
enum ContextCheck {
    /// Findings without source lines: at the fine-tune's own `chunk_size`, or at its profile's.
    static func findings(_ state: DesiredState) -> [Diagnostic] {
        // Most are not even as long as the shortest context.
        let shortest = state.baseModels.values.compactMap(\.spec.context).min() ?? .max
        return state.fineTunes.values.compactMap { fineTune in
            let profile = fineTune.spec.profile.flatMap { state.hyperparameters[$0] }
            let own = fineTune.spec.hyperparameters["chunk_size"]
            guard case .integer(let size) = own ?? profile?.spec.values["chunk_size"], size > shortest,
                let base = state.root(of: fineTune), let context = base.spec.context, size > context,
                let range = own == nil
                    ? profile?.fields["spec.chunk_size"] : fineTune.fields["spec.hyperparameters.chunk_size"]
            else { return nil }
            let message =
                "`chunk_size` must be at most \(context), the context of `\(base.name)`, found \(size)"
            var finding = Diagnostic(.outOfRange, message, range: range)
            finding.context = "FineTune \(fineTune.spec.point?.sweep ?? fineTune.name)"
            return finding
        }
    }
}
