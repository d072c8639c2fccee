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
            the dataset, template, hyperparameters and fine-tune that its columns suggest, also beside manifests that \
            are there already. A file that lies elsewhere is copied into datasets/. No file is changed.
            """
    )

    @OptionGroup var global: GlobalOptions

    @Option(
        help: ArgumentHelp("Begin with the rows of this file instead of an example.", valueName: "file"),
        completion: .file()
    )
    var data: String?

    @Option(
        help: ArgumentHelp("With --data: what the resources are called, instead of after the file.", valueName: "name")
    )
    var name: String?

    func validate() throws {
        guard let name else { return }
        guard data != nil else { throw ValidationError("--name goes with --data") }
        guard ResourceName.isValid(name) else {
            throw ValidationError("--name is made of letters, digits, -, _ and ., a letter or digit first")
        }
    }

    func execute(_ context: CommandContext) throws {
        let top = global.directory
        try Folder.make(top, permissions: 0o755)
        let repository = try Self.repository(of: top)
        try repository.map { try check($0, is: top) }
        let others = try neighbours(in: top)
        let start = try data.map { try self.start($0, beside: others, in: top, context) }
        // What others may have put there stays, but for manifests and data, which the example needs.
        let files = proposed(start, beside: others).filter { file in
            let isNeeded = ["manifests/", "datasets/"].contains { file.path.hasPrefix($0) }
            return isNeeded || !Self.exists(top + "/" + file.path)
        }
        let copy = start.flatMap { $0.isCopied ? $0 : nil }
        try checkRoom(for: files.map(\.path) + (copy.map { [$0.source] } ?? []), in: top)
        if let start { context.console.note(Self.summary(of: start, on: others?.base)) }
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

    /// The manifests that are there already; nothing where there are none.
    private func neighbours(in top: String) throws -> Neighbours? {
        guard data == nil else {
            let neighbours = try Neighbours(top: top)
            return neighbours.first == nil ? nil : neighbours
        }
        let manifest = try Folder.files(below: top + "/manifests").first { RepositoryFiles.isManifest($0) }
        guard let manifest else { return nil }
        throw ReconcilerError(
            .repository,
            "manifests/\(manifest) is there already, and the example goes into a folder without manifests: "
                + "ftops init --data FILE adds a fine-tune for rows of yours"
        )
    }

    private func start(
        _ file: String,
        beside others: Neighbours?,
        in top: String,
        _ context: CommandContext
    ) throws -> DataStart {
        let start = try DataStart(
            context.path(file),
            top: top,
            places: try Places.current(),
            name: name.map(ResourceName.init(rawValue:)),
            base: others?.base ?? RepositoryTemplate.base
        )
        try others?.checkRoom(for: start.manifest.name)
        return start
    }

    private func proposed(_ start: DataStart?, beside others: Neighbours?) -> [ManifestFile] {
        guard let start else { return RepositoryTemplate.files }
        guard let others else { return RepositoryTemplate.files(for: start.manifest) }
        return (others.base == nil ? [RepositoryTemplate.baseFile] : []) + [start.manifest.file]
    }

    private func next(in top: String, with name: String?) -> [String] {
        let look = name == nil ? "edit datasets/ and manifests/ to be yours, or look at the example first" : nil
        return (top == "." ? [] : ["cd \(top)"]) + (look.map { [$0] } ?? []) + [
            "ftops validate",
            "ftops data preview \(name ?? "orders")",
            "git add . && git commit -m \"Ask for \(name ?? "orders")\"",
            "ftops plan",
            "ftops apply",
        ]
    }

    /// What was found in the file, and what is made of it; a base is told that was chosen among others.
    private static func summary(of start: DataStart, on base: ResourceName?) -> String {
        let count = (start.rows.isWhole ? "" : "more than ") + Figures.count(start.rows.count, "row")
        let names = start.columns.map { TerminalText.line($0) }
        var text = "\(TerminalText.line(start.source)): \(count); "
        let asked = names.dropLast().joined(separator: ", ")
        text += asked.isEmpty ? "\(names.joined()) is learned" : "\(asked) asks, \(names.last ?? "") is learned"
        let unused = start.unused.prefix(8).map { TerminalText.line($0) }.joined(separator: ", ")
        if let base { text += " on \(base)" }
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
        if let path = paths.first(where: { Self.exists(top + "/" + $0) }) {
            let advice = data == nil ? "move it out of the way" : "move it out of the way, or say --name"
            throw ReconcilerError(.repository, "\(path) is there already; \(advice)")
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
