//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Datasets
internal import Digest
internal import JSON
internal import POSIX
internal import Planning
internal import Reports
internal import Resources
internal import Runs

/// Counts what trainings take by their base's own tokenizer, where base and trainer are on this machine already: it
/// fetches and installs nothing.
///
/// A count is kept in the cache by what it depends on: the rows, the files of the tokenizer, the trainer, and the
/// hyperparameters that matter, so that a second plan starts no program. What cannot be counted stays estimated, and a
/// finding says so once.
struct TokenCounter {
    private let counting: Counting
    private let launcher: TrainerLauncher?
    private let cache: String
    private let top: String?
    private var left: Duration?
    private var failed: Set<String> = []
    private var hasTold = false

    /// Bytes of rows that a core counts in a second, on a slow machine.
    private static let pace = 1_500_000
    /// Seconds in which the tokenizer is read.
    private static let start = 2

    /// Makes a counter; `top` is the folder that a base's relative path starts from.
    init(_ counting: Counting, places: Places, top: String?) {
        self.counting = counting
        launcher = (try? places.launcher()).map { TrainerLauncher(path: $0) }
        cache = places.cache
        self.top = top
        if case .seconds(let seconds) = counting.allowance { left = .seconds(seconds) }
    }

    /// What training on some rows takes; nothing where it cannot be counted here and now, and what is to be said of it.
    mutating func count(_ request: TrainingRequest, _ rows: RenderedRows) -> (TokenCount?, Diagnostic?) {
        guard let launcher, let source = request.inputs.baseSource,
            let base = TrainerBase.folder(of: source, repository: top, cache: cache), !failed.contains(base),
            let tokenizer = try? BaseFolder(path: base, cache: cache).tokenizerDigest()
        else { return (nil, nil) }
        let key = Self.key(request.inputs, tokenizer, trainer: launcher.path)
        let notes = NoteFolder(cache + "/counted")
        if let known = notes.recall(key).flatMap(TokenCount.init(json:)) { return (known, nil) }
        guard counting.allowance != .nothing else { return (nil, nil) }
        if let reason = hindrance(rows) { return (nil, once(reason, request)) }
        do {
            let began = MonotonicClock.now
            defer { left = left.map { $0 - (MonotonicClock.now - began) } }
            let asked = TrainerBase(source: .path(base), name: request.inputs.base.rawValue)
            let count = try count(request, rows, by: launcher, asked)
            notes.keep(count.json, under: key)
            return (count, nil)
        } catch {
            failed.insert(base)
            return (nil, Self.finding("could not be counted: \(error)", request))
        }
    }

    /// Why rows are not counted in this plan; nothing where they are.
    private func hindrance(_ rows: RenderedRows) -> String? {
        let expected = Self.start + rows.size / (Self.pace * Machine.processors)
        if let left, .seconds(expected) > left {
            let time = Figures.roughDuration(Double(expected))
            return "would take \(time) to count (\(Figures.bytes(rows.size))); ftops plan --count does it"
        }
        guard launcher?.isReady() == true else {
            return "are counted once the trainer's environment is there, which the first apply makes"
        }
        return nil
    }

    private func count(
        _ request: TrainingRequest,
        _ rows: RenderedRows,
        by launcher: TrainerLauncher,
        _ base: TrainerBase
    ) throws -> TokenCount {
        let path = "\(cache)/counted/rows-\(RandomBytes.hex(8)).jsonl"
        try Folder.make(Folder.parent(of: path))
        defer { try? Folder.remove(path) }
        let file = try OpenFile(path, .create)
        try rows.write { try file.write($0) }
        file.close()
        let seconds = left.map { max(1, Int($0.components.seconds)) }
        let asked = TrainerLauncher.CountRequest(
            rows: path,
            base: base,
            parameters: request.inputs.parameters,
            seconds: seconds
        )
        let progress = { (read: Int, isOver: Bool) in
            let (name, size) = (request.fineTune, rows.size)
            counting.onProgress(Counting.Progress(fineTune: name, read: read, size: size, isOver: isOver))
        }
        defer { progress(rows.size, true) }
        progress(0, false)
        return try launcher.count(asked) { progress($0, false) }
    }

    private mutating func once(_ reason: String, _ request: TrainingRequest) -> Diagnostic? {
        defer { hasTold = true }
        return hasTold ? nil : Self.finding(reason, request)
    }

    private static func finding(_ reason: String, _ request: TrainingRequest) -> Diagnostic {
        Diagnostic(
            "tokens-estimated",
            "the tokens of \(request.fineTune) are estimated: they \(reason)",
            severity: .warning,
            range: request.range
        )
    }

    private static func key(_ inputs: VersionRecord.Inputs, _ tokenizer: ContentDigest, trainer: String) -> String {
        let isPacked = inputs.parameters["pack_sequences"] == .bool(true)
        // Without packing, steps follow from the number of rows.
        let wrapping = inputs.parameters["wrap_packed_sequences"] == .bool(true) ? ["wrap_packed_sequences"] : []
        let packing = ["seed", "train_batch_size", "num_train_epochs", "max_steps"] + wrapping
        let names = ["chunk_size", "train_on_inputs", "pack_sequences"] + (isPacked ? packing : [])
        let parameters = names.map { "\($0)=\(inputs.parameters[$0]?.text ?? "")" }
        let parts = ["1", "\(TrainerNumber.current)", trainer, tokenizer.rawValue, inputs.train.rawValue] + parameters
        return SHA256Digest.of(CanonicalJSON.text(.array(parts.map { .string($0) }))).hex
    }
}
