//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Commands

/// The executable: it hands over to the command line.
@main
enum Main {
    static func main() {
        FtopsCommand.start()
    }
}
