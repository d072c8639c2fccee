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

/// `ftops fmt`.
struct FmtCommand: FtopsSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "fmt",
        abstract: "Write manifests in the one layout; comments and meaning stay as they are.",
        discussion: """
            Two spaces a level, quotes only where a reader of YAML could take the text for something else, one empty \
            line at most, collections in brackets as long as they stand on one line. The order of keys is yours.

            Prints the files that it changes. With --check or --diff it changes none; --check exits with 3 where there \
            is something to change. - reads standard input and writes standard output.
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var output: FindingOptions

    @Flag(help: "Change nothing, name the files that would change, and exit with 3 where there are any.")
    var check = false

    @Flag(help: "Change nothing, and show what would change.")
    var diff = false

    @Argument(help: "Files, or folders of them; all of manifests/ where none is named.")
    var paths: [String] = []

    func validate() throws {
        if paths.contains("-"), paths.count > 1 { throw ValidationError("- is standard input, and stands alone") }
    }

    func execute(_ context: CommandContext) throws {
        var findings: [Diagnostic] = []
        let files =
            try paths == ["-"] ? [ManifestFile(path: "-", bytes: Self.input())] : manifests { findings.append($0) }
        var changes = 0
        for file in files {
            var editor = ManifestEditor(file)
            findings += editor.format()
            if editor.file != file { changes += 1 }
            try show(editor.file, of: file, in: context)
        }
        context.console.show(findings, as: output.format)
        guard findings.isEmpty else { throw ExitCode(FtopsExit.error) }
        if check, changes > 0 { throw ExitCode(FtopsExit.unformatted) }
    }

    private static func input() throws -> [UInt8] { try FileContents.read("/dev/stdin", limit: 8 << 20) }

    private func show(_ new: ManifestFile, of old: ManifestFile, in context: CommandContext) throws {
        let isInput = old.path == "-"
        if isInput, !check, !diff { return context.console.output(bytes: new.bytes[...]) }
        guard new != old else { return }
        if diff {
            let text = try TextDifference.unified(old.bytes, new.bytes, path: isInput ? "standard input" : old.path)
            context.console.output(TerminalText.lines(text).joined(separator: "\n"))
        } else if output.format != .json {
            context.console.output(isInput ? "standard input\n" : TerminalText.line(old.path) + "\n")
        }
        if check || diff { return }
        let path = global.directory + "/" + old.path
        let target = old.path.hasPrefix("/") ? old.path : path
        try DurableFile.write(new.bytes, to: target, permissions: try FileStatus.of(target)?.permissions ?? 0o644)
    }

    /// The files that are named, or all of the repository's manifests, by paths from where the command runs; what is left
    /// out that a reader could take for one is told.
    private func manifests(telling tell: (Diagnostic) -> Void) throws -> [ManifestFile] {
        var named = paths
        if named.isEmpty {
            let repository = try GitRepository(discovering: global.directory)
            guard let top = repository.workTree else {
                throw ReconcilerError(.repository, "a bare repository has no manifests that can be edited: clone it")
            }
            let isTop = Folder.resolved(top) == Folder.resolved(global.directory)
            named = [isTop ? "manifests" : Folder.resolved(top + "/manifests") ?? top + "/manifests"]
        }
        return try named.flatMap { try files(at: $0, tell) }
    }

    private func files(at path: String, _ tell: (Diagnostic) -> Void) throws -> [ManifestFile] {
        let place = path.hasPrefix("/") ? path : global.directory + "/" + path
        guard let status = try FileStatus.of(place, followingLinks: false) else {
            throw ReconcilerError(.invalid, "\(path) is not there")
        }
        guard status.kind == .folder else { return try file(path, status.kind, at: place, tell).map { [$0] } ?? [] }
        let name = path.hasSuffix("/") ? String(path.dropLast()) : path
        return try Folder.entries(below: place).compactMap { entry in
            guard entry.kind == .link || RepositoryFiles.isManifest(entry.path) else { return nil }
            return try file(name + "/" + entry.path, entry.kind, at: place + "/" + entry.path, tell)
        }
    }

    private func file(
        _ path: String,
        _ kind: FileStatus.Kind,
        at place: String,
        _ tell: (Diagnostic) -> Void
    ) throws -> ManifestFile? {
        if let finding = RepositoryFiles.unreadable(path, kind) {
            tell(finding)
            return nil
        }
        guard kind == .file else {
            throw ReconcilerError(.invalid, "\(path) is no regular file; manifests are files of YAML")
        }
        return ManifestFile(path: path, bytes: try FileContents.read(place, limit: 8 << 20))
    }
}
