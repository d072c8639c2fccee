//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import ArgumentParser
internal import Reconciler
internal import Reports
internal import Resources

/// `ftops data update`.
struct DataUpdateCommand: FtopsSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "update",
        abstract: "Download a dataset's source as it is now, and write its sha256 into the manifest.",
        discussion: """
            The rest of the manifest stays as it is, comments too. Sources with https:// need no sign-in; s3:// takes \
            credentials, region and endpoint where the command aws does; hf:// takes HF_TOKEN and HF_ENDPOINT.

            Only public addresses are read from. FTOPS_PRIVATE_HOSTS names others: host, host:port or .domain, \
            separated by commas. FTOPS_DOWNLOAD_LIMIT is the most bytes that a source may have.
            """
    )

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The datasets' names.")
    var names: [String]

    func execute(_ context: CommandContext) throws {
        let update = try SourceUpdate(try context.workspace())
        for name in names {
            for result in try update.update(name) { context.console.output(Self.text(result)) }
        }
    }

    private static func text(_ result: SourceUpdate.Result) -> String {
        let source = TerminalText.line(result.source.text)
        let change =
            switch result.old {
            case nil: "pinned by sha256 \(result.new.short)… in \(result.file)"
            case result.new: "unchanged, sha256 \(result.new.short)…"
            case let old?: "moved from sha256 \(old.short)… to \(result.new.short)…, written into \(result.file)"
            }
        return "\(result.dataset): \(source) (\(Figures.bytes(result.size))) \(change)\n"
    }
}
