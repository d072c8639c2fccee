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
internal import Reports
internal import Resources
internal import Runs

/// `ftops init`.
struct InitCommand: FtopsSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Write a small manifest repository that validates, and say what to do next.",
        discussion: """
            With --data it looks at the first rows of a CSV, TSV, JSON, JSONL or Parquet file, also compressed, and writes \
            the dataset, template, hyperparameters and fine-tune that its columns suggest. A file that lies elsewhere is \
            copied into datasets/. No file that is there already is changed.
            """
    )

    @OptionGroup var global: GlobalOptions

    @Option(
        help: ArgumentHelp("Begin with the rows of this file instead of an example.", valueName: "file"),
        completion: .file()
    )
    var data: String?

    func execute(_ context: CommandContext) throws {
        let top = global.directory
        try Folder.make(top, permissions: 0o755)
        let repository = try Self.repository(of: top)
        try repository.map { try check($0, is: top) }
        let start = try data.map { try DataStart(context.path($0), top: top, places: try Places.current()) }
        // What others may have put there stays, but for manifests and data, which the example needs.
        let proposed = start.map { RepositoryTemplate.files(for: $0.manifest) } ?? RepositoryTemplate.files
        let files = proposed.filter { file in
            let isNeeded = ["manifests/", "datasets/"].contains { file.path.hasPrefix($0) }
            return isNeeded || !Self.exists(top + "/" + file.path)
        }
        let copy = start.flatMap { $0.isCopied ? $0 : nil }
        try checkRoom(for: files.map(\.path) + (copy.map { [$0.source] } ?? []), in: top)
        if let start { context.console.note(Self.summary(of: start)) }
        if repository == nil { _ = try GitRepository.create(at: top, bare: false) }
        for file in files {
            try Folder.make(Folder.parent(of: top + "/" + file.path), permissions: 0o755)
            try DurableFile.write(file.bytes, to: top + "/" + file.path)
            context.console.output("wrote \(file.path)\n")
        }
        if let copy {
            try Self.copy(copy.file, to: top + "/" + copy.source)
            context.console.output("wrote \(copy.source)\n")
        }
        let steps = next(in: top, with: start?.manifest.name.rawValue).map { "  \($0)" }
        context.console.note("\nNext:\n" + steps.joined(separator: "\n"))
    }

    private func next(in top: String, with name: String?) -> [String] {
        let look = name == nil ? "edit datasets/ and manifests/ to be yours, or look at the example first" : nil
        return (top == "." ? [] : ["cd \(top)"]) + (look.map { [$0] } ?? []) + [
            "ftops validate",
            "ftops data preview \(name ?? "orders")",
            "git add . && git commit -m \"Describe the first fine-tune\"",
            "ftops plan",
            "ftops apply",
        ]
    }

    /// What was found in the file, and what is made of it.
    private static func summary(of start: DataStart) -> String {
        let count = (start.rows.isWhole ? "" : "more than ") + Figures.count(start.rows.count, "row")
        let names = start.columns.map { TerminalText.line($0) }
        var text = "\(TerminalText.line(start.source)): \(count); "
        let asked = names.dropLast().joined(separator: ", ")
        text += asked.isEmpty ? "\(names.joined()) is learned" : "\(asked) asks, \(names.last ?? "") is learned"
        let unused = start.unused.prefix(8).map { TerminalText.line($0) }.joined(separator: ", ")
        return text + (unused.isEmpty ? "" : "; not used: \(unused)\(start.unused.count > 8 ? ", …" : "")")
    }

    /// A copy that is there whole or not at all.
    private static func copy(_ file: String, to target: String) throws {
        try Folder.make(Folder.parent(of: target), permissions: 0o755)
        let pending = try PendingFile(for: target)
        try FileContents.forEachPart(of: file) { try pending.file.write($0) }
        try pending.commit()
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
    private func checkRoom(for paths: [String], in top: String) throws {
        let manifests = try Folder.files(below: top + "/manifests").filter {
            $0.hasSuffix(".yaml") || $0.hasSuffix(".yml")
        }
        let written = paths.first { Self.exists(top + "/" + $0) }
        if let path = manifests.first.map({ "manifests/" + $0 }) ?? written {
            let message = "\(path) is there already; ftops init writes into a folder without manifests"
            throw ReconcilerError(.repository, message + ", ftops validate checks those that there are")
        }
        for folder in Set(paths.map { Folder.parent(of: $0) }).sorted() where folder != "." {
            guard !Self.exists(top + "/" + folder) || FileStatus.isFolder(top + "/" + folder) else {
                throw ReconcilerError(.repository, "\(folder) is no folder; move it out of the way")
            }
        }
    }

    private static func exists(_ path: String) -> Bool {
        (try? FileStatus.of(path, followingLinks: false)).flatMap { $0 } != nil
    }
}
