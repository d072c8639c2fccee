//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import ArgumentParser
internal import Reconciler

/// Where manifests and data are read from.
struct RevisionOptions: ParsableArguments {
    @Option(help: "Read manifests and data from this commit instead of the work tree.", completion: .references)
    private var ref: String?

    var revision: Workspace.Revision { ref.map { .named($0) } ?? .present }
}
