//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

extension DesiredState {
    /// A fine-tune's own value of a hyperparameter, or its profile's; nothing where neither sets it.
    package func value(of name: String, in fineTune: Located<FineTune>) -> HyperparameterValue? {
        fineTune.spec.hyperparameters[name] ?? profile(of: fineTune)?.spec.values[name]
    }

    /// Where that value stands.
    package func place(of name: String, in fineTune: Located<FineTune>) -> SourceRange? {
        guard fineTune.spec.hyperparameters[name] == nil else {
            return fineTune.fields["spec.hyperparameters.\(name)"]
        }
        return profile(of: fineTune)?.fields["spec.\(name)"]
    }

    private func profile(of fineTune: Located<FineTune>) -> Located<Hyperparameters>? {
        fineTune.spec.profile.flatMap { hyperparameters[$0] }
    }
}
