//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Resources

extension Diagnostic.ID {
    static let badName: Self = "bad-name"
    static let badValue: Self = "bad-value"
    static let conflictingFields: Self = "conflicting-fields"
    static let danglingReference: Self = "dangling-reference"
    static let duplicateKey: Self = "duplicate-key"
    static let duplicateName: Self = "duplicate-name"
    static let duplicateProject: Self = "duplicate-project"
    static let layout: Self = "layout"
    static let missingField: Self = "missing-field"
    static let needsValidation: Self = "needs-validation"
    static let notSupportedYet: Self = "not-supported-yet"
    static let outOfRange: Self = "out-of-range"
    static let referenceCycle: Self = "reference-cycle"
    static let secretInTheClear: Self = "secret-in-the-clear"
    static let syntax: Self = "syntax"
    static let unknownAPIVersion: Self = "unknown-api-version"
    static let unknownKey: Self = "unknown-key"
    static let unknownKind: Self = "unknown-kind"
    static let unpinnedSource: Self = "unpinned-source"
    static let unpinnedRevision: Self = "unpinned-revision"
    static let wrongType: Self = "wrong-type"
}
