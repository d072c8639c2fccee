//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import ArgumentParser
internal import POSIX

/// What every command understands.
struct GlobalOptions: ParsableArguments {
    @Option(name: [.customShort("C")], help: ArgumentHelp("Run as if started in this folder.", valueName: "dir"))
    var directory: String = "."

    @Flag(name: .customLong("no-color"), help: "Print without colours, as NO_COLOR does.")
    var noColor = false
}
