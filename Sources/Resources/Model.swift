//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// A destination that versions are published to.
package struct Model: Hashable, Sendable {
    /// Who may see the model where its host knows of that.
    package enum Visibility: String, Hashable, Sendable, CaseIterable {
        case `private`
        case `public`
    }

    /// Who may see it.
    package var visibility: Visibility
    /// What it is for, for its README.
    package var description: String?

    /// Makes a destination.
    package init(visibility: Visibility = .private, description: String? = nil) {
        self.visibility = visibility
        self.description = description
    }
}
