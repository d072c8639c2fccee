//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Resources

extension VersionRecord {
    /// The name of the version's files under `versions/<owner>/<model>/`, without extension, such as `3-3f9c1a2b7d10`.
    package var fileStem: String { (number.map { "\($0)-" } ?? "") + id.short }
}
