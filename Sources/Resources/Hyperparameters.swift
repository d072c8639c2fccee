//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// A value of a hyperparameter, typed as the table of hyperparameters says.
package enum HyperparameterValue: Hashable, Sendable {
    case bool(Bool)
    case integer(Int)
    case number(Double)
    case text(String)
    case list([String])
}

/// A profile of hyperparameters: only those that the manifest sets, by canonical name.
package struct Hyperparameters: Hashable, Sendable {
    /// Values by canonical name.
    package var values: [String: HyperparameterValue]

    /// Makes a profile.
    package init(values: [String: HyperparameterValue] = [:]) { self.values = values }
}
