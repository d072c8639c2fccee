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
internal import Reconciler

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
        let repository = try Self.repository(of: top)
        try repository.map { try check($0, is: top) }
        // What others may have put there stays, but for manifests and data, which the example needs.
        let files = RepositoryTemplate.files.filter { file in
            let isNeeded = ["manifests/", "datasets/"].contains { file.path.hasPrefix($0) }
            return isNeeded || !Self.exists(top + "/" + file.path)
        }
        try checkRoom(for: files, in: top)
        if repository == nil { _ = try GitRepository.create(at: top, bare: false) }
        for file in files {
            try Folder.make(Folder.parent(of: top + "/" + file.path), permissions: 0o755)
            try DurableFile.write(file.bytes, to: top + "/" + file.path)
            context.console.output("wrote \(file.path)\n")
        }
        context.console.note("\nNext:\n" + (next(in: top).map { "  \($0)" }).joined(separator: "\n"))
    }

    private func next(in top: String) -> [String] {
        (top == "." ? [] : ["cd \(top)"]) + [
            "edit datasets/ and manifests/ to be yours, or look at the example first",
            "ftops validate",
            "ftops data preview orders",
            "git add . && git commit -m \"Describe the first fine-tune\"",
            "ftops plan",
            "ftops apply",
        ]
    }

    private static func repository(of folder: String) throws -> GitRepository? {
        do throws(GitError) {
            return try GitRepository(discovering: folder)
        } catch {
            if error.code == .noRepository { return nil }
            throw error
        }
    }

    /// Manifests are read from the top of a repository, so that those in a folder of it would never be seen.
    private func check(_ repository: GitRepository, is top: String) throws {
        guard let workTree = repository.workTree else {
            let advice = "clone it, and run ftops init in the clone"
            throw ReconcilerError(.repository, "\(repository.gitDirectory) is a bare repository: \(advice)")
        }
        guard Folder.resolved(workTree) == Folder.resolved(top) else {
            let advice =
                "run ftops init at its top (-C \(workTree)), or git init here first for a repository of its own"
            throw ReconcilerError(.repository, "this folder lies in the repository \(workTree): \(advice)")
        }
    }

    /// Finds what is in the way before anything is written.
    private func checkRoom(for files: [ManifestFile], in top: String) throws {
        let manifests = try Folder.files(below: top + "/manifests").filter {
            $0.hasSuffix(".yaml") || $0.hasSuffix(".yml")
        }
        let written = files.map(\.path).first { Self.exists(top + "/" + $0) }
        if let path = manifests.first.map({ "manifests/" + $0 }) ?? written {
            let message = "\(path) is there already; ftops init writes into a folder without manifests"
            throw ReconcilerError(.repository, message + ", ftops validate checks those that there are")
        }
        for folder in Set(files.map { Folder.parent(of: $0.path) }).sorted() where folder != "." {
            guard !Self.exists(top + "/" + folder) || FileStatus.isFolder(top + "/" + folder) else {
                throw ReconcilerError(.repository, "\(folder) is no folder; move it out of the way")
            }
        }
    }

    private static func exists(_ path: String) -> Bool {
        (try? FileStatus.of(path, followingLinks: false)).flatMap { $0 } != nil
    }
}
