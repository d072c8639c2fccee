//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import JSON
internal import POSIX
internal import Runs

extension ModelRunner {
    /// How long a worker may be busy with others before it is done without.
    private static let patience: Duration = .seconds(20)

    /// Generates by a worker. Nothing where no worker answers, and nothing has been told yet; nor on a GPU, which is a
    /// training's as soon as its lock is free.
    func generateWarm(
        _ request: GenerationRequest,
        on place: GenerationPlace,
        _ onPiece: (GenerationPiece) -> Void,
        _ isCancelled: () -> Bool
    ) throws -> [Generation]? {
        guard place.device.kind == .cpu else { return nil }
        guard let worker = Worker(for: request, launcher: launcher, cache: cache) else { return nil }
        // Whatever keeps a worker away, such as a disk that is full, need not keep the answer away.
        guard let connection = try? worker.connect(isCancelled: isCancelled) else { return isCancelled() ? [] : nil }
        var reader = GenerationReader()
        do {
            try send(request.json(on: place.device.kind), to: connection, isCancelled)
            let watch = ChangeWatch(folders: [])
            var hasTurn = false
            let deadline = MonotonicClock.now + Self.patience
            while !isCancelled(), reader.end == nil {
                guard watch.wait(timeout: .seconds(1), reading: connection) else {
                    if !hasTurn, MonotonicClock.now > deadline { return nil }
                    continue
                }
                hasTurn = true
                let bytes = try connection.read(upTo: 1 << 16)
                if bytes.isEmpty { break }
                for piece in try reader.add(bytes) { onPiece(piece) }
            }
        } catch is POSIXError {
            // The worker has gone: what it said until then counts.
        }
        if isCancelled() { return reader.answers }
        switch reader.end {
        case .finished: return reader.answers
        // It has the variables of whoever started it, such as a token for the base.
        case .failed where reader.answers.isEmpty: return nil
        case .failed(let reason): throw InferenceError(.trainer, "the model could not answer: \(reason)")
        case nil where reader.answers.isEmpty: return nil
        case nil: throw InferenceError(.trainer, "the trainer's worker ended in the middle of the answer; ask again")
        }
    }

    private func send(_ request: JSONValue, to connection: OpenFile, _ isCancelled: () -> Bool) throws {
        var rest = Array((JSONText.compact(request) + "\n").utf8)[...]
        let watch = ChangeWatch(folders: [])
        while !rest.isEmpty, !isCancelled() {
            rest = rest.dropFirst(try connection.send(rest))
            // A long request is taken up when its turn has come, and the kernel holds the beginning until then.
            if !rest.isEmpty { watch.wait(timeout: .milliseconds(50)) }
        }
    }
}
