//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import ArgumentParser
internal import Artifacts
internal import Inference
internal import JSON
internal import POSIX
internal import Reconciler
internal import Reports
internal import Resources
internal import Runs

/// `ftops export`.
struct ExportCommand: FtopsSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write a version for other programs: the adapter, or base and adapter as one model.",
        discussion: """
            The folder gets a README.md, made of the version's record, as model hubs show it. With --format the adapter \
            is added to the base's weights in fp32, and what that changes is measured on the version's evaluation \
            prompts. hf is a folder that transformers, vLLM and whatever else reads such folders load without ftops and \
            peft; gguf is one file for llama.cpp and LM Studio; ollama is that file with its Modelfile.

            A repository of the hub is made where it is missing, private unless the Model says otherwise, and gets the \
            folder in one commit. HF_TOKEN has the token that may write there.
            """
    )

    @OptionGroup var global: GlobalOptions

    @Option(
        name: .customLong("format"),
        help: "hf, gguf or ollama: base and adapter as one model. By default the adapter alone, as peft loads it."
    )
    var format: ModelFormat?

    @Flag(help: "Short for --format hf.")
    var merge = false

    @Flag(help: "Say as JSON what was written; .docs/json.md describes the members.")
    var json = false

    @Option(help: "With --format: float32, bfloat16 or float16; by default what the base is stored in.")
    var dtype: String?

    @Option(
        help: """
            The folder, which must be empty or missing, or hf://owner/name, a repository of the Hugging Face hub; by \
            default the model's name and the version's number.
            """,
        completion: .directory
    )
    var to: String?

    @Argument(help: "The version: owner/name, owner/name:n or owner/name@id.", completion: .models)
    var model: String

    var findingFormat: DiagnosticFormat { json ? .json : .text }

    private var form: ExportForm { format?.form ?? (merge ? .hf : .adapter) }

    func validate() throws {
        guard let dtype else { return }
        guard form.isMerged else { throw ValidationError("--dtype is of a merged model: add --merge or --format") }
        guard ModelRunner.dtypes.contains(dtype) else {
            throw ValidationError("--dtype is \(ModelRunner.dtypes.joined(separator: ", ")), not \(dtype)")
        }
    }

    func execute(_ context: CommandContext) throws {
        let workspace = try context.workspace()
        let service = try VersionService(workspace)
        let version = try service.find(model)
        let target = try ExportTarget(to ?? version.folderName, in: context)
        // What cannot be written is refused before a repository is made for it.
        _ = try modelfile(of: version)
        let line = WaitLine(console: context.console)
        defer { line.clear() }
        try target.fill(cache: workspace.places.cache) { folder in
            let upload = { (folder: String?) in try send(folder, of: version, to: target, by: service, in: workspace) }
            _ = try upload(nil)
            line.show(form.isMerged ? "merging \(version.label)" : "copying \(version.label)")
            let merged = try write(version, to: folder, by: service, in: workspace)
            if case .hub = target { line.show("sending \(version.label)") }
            let url = try upload(folder)
            line.clear()
            if json {
                context.console.output(document(version, folder, merged, url))
            } else {
                context.console.output(text(version, url ?? target.name, merged))
            }
        }
    }

    /// Sends the folder to where the version goes, or asks whether it may be sent; returns its address, if it has one.
    private func send(
        _ folder: String?,
        of version: VersionRecord,
        to target: ExportTarget,
        by service: VersionService,
        in workspace: Workspace
    ) throws -> String? {
        guard case .hub(let repository) = target else { return nil }
        let runner = try workspace.runner(service.store)
        let isPrivate = service.visibility(of: version) == .private
        return try runner.upload(folder, to: repository, isPrivate: isPrivate, message: version.label)
    }

    private func write(
        _ version: VersionRecord,
        to folder: String,
        by service: VersionService,
        in workspace: Workspace
    ) throws -> MergedModel? {
        let modelfile = try modelfile(of: version)
        let merged = try writeWeights(version, to: folder, by: service, in: workspace)
        if let modelfile { try DurableFile.write(modelfile, to: folder + "/" + OllamaModelfile.name) }
        let card = ModelCard.markdown(
            version,
            description: service.description(of: version),
            license: service.license(of: version),
            form: form
        )
        try DurableFile.write(card, to: folder + "/README.md")
        return merged
    }

    private func modelfile(of version: VersionRecord) throws -> String? {
        form == .ollama ? try OllamaModelfile.text(version, gguf: ModelRunner.ggufName) : nil
    }

    private func writeWeights(
        _ version: VersionRecord,
        to folder: String,
        by service: VersionService,
        in workspace: Workspace
    ) throws -> MergedModel? {
        guard form.isMerged else {
            try service.store.copy(version.weights, into: folder)
            return nil
        }
        let runner = try workspace.runner(service.store)
        return try runner.merge(version, into: folder, as: form, dtype: dtype, repository: workspace.top)
    }
}

/// The forms of a merged model that `--format` names.
enum ModelFormat: String, ExpressibleByArgument, CaseIterable {
    case hf
    case gguf
    case ollama

    var form: ExportForm {
        switch self {
        case .hf: .hf
        case .gguf: .gguf
        case .ollama: .ollama
        }
    }
}

// MARK: - What it says

extension ExportCommand {
    private func text(_ version: VersionRecord, _ name: String, _ merged: MergedModel?) -> String {
        let isWhole = version.inputs.trainsAllWeights
        guard let merged else {
            let what = isWhole ? "the model, as transformers loads it" : "the adapter, as peft and vLLM load it"
            return "\(version.label) -> \(name): \(what)\n"
        }
        let same = Figures.fixed(merged.rounding.same * 100, places: 1)
        let storing = Self.small(merged.rounding.largest)
        let words =
            isWhole
            ? "storing it changed logits by at most \(storing) of the largest"
            : "merging changed logits by at most \(Self.small(merged.merging.largest)) of the largest, storing them by "
                + storing
        return """
            \(version.label) -> \(name): \(Self.what(form, isWhole: isWhole)), in \(merged.dtype)
            \(words); at \(same) % of \(Figures.count(merged.places, "place")) the likeliest token is the same

            """
    }

    private static func what(_ form: ExportForm, isWhole: Bool) -> String {
        let parts = isWhole ? "the model" : "base and adapter as one"
        return switch form {
        case .adapter, .hf: isWhole ? parts : parts + " model"
        case .gguf: parts + (isWhole ? " as a GGUF" : " GGUF")
        case .ollama: parts + (isWhole ? " as a GGUF" : " GGUF") + " with its Modelfile"
        }
    }

    /// A small share as a part of a rounded whole, such as `1/4,200,000`.
    private static func small(_ share: Double) -> String {
        guard share > 1e-15 else { return "nothing" }
        var (whole, scale) = (1 / share, 1.0)
        while whole >= 99.5 { (whole, scale) = (whole / 10, scale * 10) }
        return "1/\(Figures.count(Int(whole.rounded()) * Int(scale)))"
    }

    private func document(
        _ version: VersionRecord,
        _ folder: String,
        _ merged: MergedModel?,
        _ url: String?
    ) -> JSONValue {
        VersionsJSON.about(
            version,
            format: "1.1",
            [
                ("folder", url == nil ? .string(folder) : .null),
                ("url", url.map { .string($0) } ?? .null),
                ("form", .string(form.rawValue)),
                ("merged", .bool(merged != nil)),
                ("dtype", merged.map { .string($0.dtype) } ?? .null),
                ("places", merged.map { .int($0.places) } ?? .null),
                ("merging_largest", merged.map { .double($0.merging.largest) } ?? .null),
                ("merging_same", merged.map { .double($0.merging.same) } ?? .null),
                ("rounding_largest", merged.map { .double($0.rounding.largest) } ?? .null),
                ("rounding_same", merged.map { .double($0.rounding.same) } ?? .null),
            ]
        )
    }
}
