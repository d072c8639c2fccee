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
internal import Resources

/// `ftops bases add`.
struct BasesAddCommand: FtopsSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Write the manifest of a base model that ftops knows.",
        discussion: "It knows \(KnownBase.all.map(\.name).joined(separator: ", ")), each pinned."
    )

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The base models' names.")
    var names: [String]

    func execute(_ context: CommandContext) throws {
        guard let top = try GitRepository(discovering: global.directory).workTree else {
            throw ReconcilerError(.repository, "a bare repository has no manifests that can be edited: clone it")
        }
        let files = try names.map(Self.known)
        for file in files where try FileStatus.of(top + "/" + file.path, followingLinks: false) != nil {
            throw ReconcilerError(.repository, "\(file.path) is there already")
        }
        for file in files {
            try Folder.make(Folder.parent(of: top + "/" + file.path), permissions: 0o755)
            try DurableFile.write(file.bytes, to: top + "/" + file.path)
            context.console.output("wrote \(file.path)\n")
        }
    }

    private static func known(_ name: String) throws -> ManifestFile {
        if let base = KnownBase.all.first(where: { $0.name == name }) { return base.file }
        let names = KnownBase.all.map(\.name)
        let near = Suggestion.nearest(name, among: names).map { "; did you mean \($0)?" }
        let message = "ftops knows no base model \(name)"
        throw ReconcilerError(.unknownName, message + (near ?? ": it knows \(names.joined(separator: ", "))"))
    }
}
