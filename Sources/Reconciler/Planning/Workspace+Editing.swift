//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Git
internal import Resources

extension Workspace {
    /// The manifests of the work tree for those who edit them, and the errors in them, which may lie elsewhere.
    ///
    /// - Throws: Where there is no work tree, or it cannot be read; not for what is wrong in manifests.
    func editable() throws -> (state: DesiredState, errors: [Diagnostic]) {
        guard repository.workTree != nil else {
            throw ReconcilerError(.repository, "a bare repository has no manifests that can be edited: clone it")
        }
        let (desired, diagnostics) = try read(.present)
        return (desired.state, diagnostics.filter { $0.severity == .error })
    }
}
