//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Resources

/// Whether validation losses are measured where they decide what comes of a training.
enum ValidationCheck {
    /// Findings without source lines: at the hyperparameter that needs them, the fine-tune's own or its profile's.
    static func findings(_ state: DesiredState) -> [Diagnostic] {
        state.fineTunes.values.compactMap { fineTune in
            let profile = fineTune.spec.profile.flatMap { state.hyperparameters[$0] }
            let value = { fineTune.spec.hyperparameters[$0] ?? profile?.spec.values[$0] }
            guard let decisive = HyperparameterTable.decidedByValidation(value),
                let lack = lack(fineTune, state, isMeasured: value("run_validation") != .bool(false))
            else { return nil }
            let place =
                fineTune.fields["spec.hyperparameters.\(decisive.name)"] ?? profile?.fields["spec.\(decisive.name)"]
            var finding = Diagnostic(
                .needsValidation,
                "`\(decisive.text)` needs validation losses, and \(lack)",
                range: place ?? fineTune.range
            )
            finding.context = "FineTune \(fineTune.spec.point?.sweep ?? fineTune.name)"
            return finding
        }
    }

    private static func lack(_ fineTune: Located<FineTune>, _ state: DesiredState, isMeasured: Bool) -> String? {
        guard isMeasured else { return "`run_validation: false` measures none" }
        guard let dataset = state.datasets[fineTune.spec.dataset], dataset.spec.validation == nil else { return nil }
        return "dataset `\(dataset.name)` has no `validation`"
    }
}
