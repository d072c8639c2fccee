//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import ArgumentParser
internal import Reconciler

/// Which run is meant.
struct RunOptions: ParsableArguments {
    @Argument(
        help: ArgumentHelp("The run's id, its beginning, or a fine-tune's name.", valueName: "run"),
        completion: .fineTunes
    )
    var name: String

    /// The run as the ledger has it, and what acts on it.
    func find(_ context: CommandContext) throws -> (RunService, RunService.Status) {
        let service = try RunService(try context.workspace())
        return (service, try service.find(name))
    }
}
