//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import ArgumentParser
internal import JSON
internal import POSIX
internal import Reconciler
internal import Reports
internal import Resources

/// `ftops pull`.
struct PullCommand: FtopsSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "pull",
        abstract: "Copy a version's weights out of the store into a folder of yours.",
        discussion: """
            Each file is checked against the digest in the version's record, which comes along as version.yaml. What             the folder has already stays, and a copy that was cut off goes on.
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var output: OutputOptions

    @Argument(help: "The version: owner/name, owner/name:n or owner/name@id.", completion: .models)
    var model: String

    @Argument(help: "The folder; by default the model's name and the version's number.", completion: .directory)
    var folder: String?

    var findingFormat: DiagnosticFormat { output.findingFormat }

    func execute(_ context: CommandContext) throws {
        let service = try VersionService(try context.workspace())
        let version = try service.find(model)
        let name = folder ?? version.folderName
        let line = WaitLine(console: context.console)
        defer { line.clear() }
        try service.pull(version, into: context.path(name)) { file in
            line.show("copying \(file.name), \(Figures.bytes(file.size))")
        }
        line.clear()
        switch output.format {
        case .text:
            let size = Figures.bytes(version.weights.reduce(0) { $0 + $1.size })
            let files = Figures.count(version.weights.count, "file")
            context.console.output("\(version.label) -> \(name): \(files), \(size), each as its digest says\n")
        case .json: context.console.output(json(version, in: context.path(name)))
        }
    }

    private func json(_ version: VersionRecord, in folder: String) -> JSONValue {
        VersionsJSON.about(
            version,
            [
                ("folder", .string(Folder.resolved(folder) ?? folder)),
                ("files", .array(version.weights.map(VersionsJSON.file))),
            ]
        )
    }
}

extension VersionRecord {
    /// How a folder for it is named where nobody says.
    var folderName: String { "\(model.name)-\(number.map(String.init) ?? id.short)" }
}
