//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import ArgumentParser
internal import Git
internal import Manifests
internal import POSIX

/// `ftops init`.
struct InitCommand: FtopsSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Write a small manifest repository that validates, and say what to do next."
    )

    @OptionGroup var global: GlobalOptions

    func execute(_ context: CommandContext) throws {
        let top = global.directory
        try Folder.make(top, permissions: 0o755)
        let files = RepositoryTemplate.files
        for file in files where FileStatus.isFile(top + "/" + file.path) {
            context.console.note("error: \(file.path) is there already; ftops init writes into a folder without manifests")
            throw ExitCode(FtopsExit.error)
        }
        if (try? GitRepository(discovering: top)) == nil { _ = try GitRepository.create(at: top, bare: false) }
        for file in files {
            try Folder.make(Folder.parent(of: top + "/" + file.path), permissions: 0o755)
            try DurableFile.write(file.bytes, to: top + "/" + file.path)
            context.console.output("wrote \(file.path)\n")
        }
        context.console.note(
            """

            Next:
              edit datasets/ and manifests/ to be yours
              ftops validate
              git add . && git commit -m "Describe the first fine-tune"
              ftops plan
              ftops apply
            """
        )
    }
}
