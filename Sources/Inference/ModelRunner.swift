//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Artifacts
internal import JSON
internal import POSIX
package import Resources
package import Runs

/// Runs versions and bases by the trainer: by a worker that keeps a base loaded, or else by `generate`.
package struct ModelRunner: Sendable {
    /// The trainer.
    package let launcher: TrainerLauncher
    /// Where versions' weights are kept.
    package let store: ArtifactStore
    /// The cache folder, where weights lie while they are used.
    package let cache: String

    /// Makes a runner.
    package init(launcher: TrainerLauncher, store: ArtifactStore, cache: String) {
        self.launcher = launcher
        self.store = store
        self.cache = cache
    }

    /// The folder of a version's weights, laid out from the store and verified.
    package func weights(of version: VersionRecord) throws -> String {
        let folder = cache + "/versions/" + version.id.rawValue
        try store.materialize(version.weights, into: folder)
        return folder
    }

    /// Asks a version, and its base where that is wanted too, in the dtype that it was trained in. A base that is a
    /// folder of the manifest repository is found from its top.
    package func request(
        _ version: VersionRecord,
        prompts: [GenerationRequest.Prompt],
        sampling: GenerationRequest.Sampling,
        alsoBase: Bool = false,
        repository: String
    ) throws -> GenerationRequest {
        let base = try base(of: version, repository: repository)
        let models = [GenerationRequest.Subject(name: "version", adapter: try weights(of: version))]
        return GenerationRequest(
            base: base,
            models: alsoBase ? [.init(name: "base", adapter: nil)] + models : models,
            prompts: prompts,
            stop: version.inputs.stop,
            sampling: sampling,
            dtype: version.training.dtype.isEmpty ? nil : version.training.dtype,
            threads: Machine.processors
        )
    }

    /// The base of a version, as the trainer is told of it.
    func base(of version: VersionRecord, repository: String) throws -> TrainerBase {
        guard let source = version.inputs.baseSource else {
            throw InferenceError(
                .noBase,
                "the record of version \(version.id.short) does not say where its base \(version.inputs.base) comes from"
            )
        }
        return TrainerBase(
            source,
            name: version.inputs.base,
            identity: version.inputs.baseIdentity,
            repository: repository
        )
    }

    /// Generates all answers on a device and returns them in the order in which they began; each part goes to
    /// `onPiece` as it comes. Once `isCancelled` says so, which is asked at each part and about every second, nothing
    /// more is computed and what there is is returned.
    package func generate(
        _ request: GenerationRequest,
        on place: GenerationPlace = .cpu,
        onPiece: (GenerationPiece) -> Void = { _ in },
        isCancelled: () -> Bool = { SignalFlags.isReceived }
    ) throws -> [Generation] {
        if let answers = try generateWarm(request, on: place, onPiece, isCancelled) { return answers }
        return try generateCold(request, on: place, onPiece, isCancelled)
    }

    private func generateCold(
        _ request: GenerationRequest,
        on place: GenerationPlace,
        _ onPiece: (GenerationPiece) -> Void,
        _ isCancelled: () -> Bool
    ) throws -> [Generation] {
        // The environment may have to be made, which takes long and tells so; of `generate` only the last words count.
        try launcher.prepareEnvironment()
        let output = try OpenFile.pipe()
        let errors = try OpenFile.holding([])
        var options = launcher.options(["generate"])
        options.input = .file(try OpenFile.holding(Array(JSONText.compact(request.json(on: place.device.kind)).utf8)))
        options.environment.merge(place.device.environment) { $1 }
        options.inherited = place.lock.map { [$0.file] } ?? []
        options.output = .file(output.writing)
        options.error = .file(errors)
        options.newSession = true
        let child = try ChildProcess.spawn(options)
        output.writing.close()
        return try follow(child, output.reading, errors, onPiece, isCancelled)
    }

    private func follow(
        _ child: ChildProcess,
        _ output: OpenFile,
        _ errors: OpenFile,
        _ onPiece: (GenerationPiece) -> Void,
        _ isCancelled: () -> Bool
    ) throws -> [Generation] {
        let watch = ChangeWatch(folders: [])
        var reader = GenerationReader()
        do {
            while !isCancelled() {
                guard watch.wait(timeout: .seconds(1), reading: output) else { continue }
                let bytes = try output.read(upTo: 1 << 16)
                if bytes.isEmpty { break }
                for piece in try reader.add(bytes) { onPiece(piece) }
            }
        } catch {
            try end(child)
            throw error
        }
        guard !isCancelled() else {
            try end(child)
            return reader.answers
        }
        guard case let status = try child.wait(), status != .exited(0) else { return reader.answers }
        throw InferenceError(
            .trainer,
            "the model could not answer: \(try Self.lastWords(errors) ?? "the trainer \(status)")"
        )
    }

    private func end(_ child: ChildProcess) throws {
        child.signalGroup(ProcessGroup.Signal.kill)
        _ = try child.wait()
    }

    /// The last line that a trainer said on standard error, where it said anything.
    static func lastWords(_ errors: OpenFile) throws -> String? {
        let size = try errors.size()
        let bytes = try errors.read(upTo: 4096, at: max(0, size - 4096))
        return String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline).last.map(String.init)
    }
}
