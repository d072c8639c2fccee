//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Digest
internal import JSON
internal import POSIX
internal import Runs

/// A process of the trainer that answers by a socket and keeps the base loaded, for as long as somebody asks it now and
/// then.
///
/// Its folder is named by all that it depends on: base, type, machine and the trainer's own files. So an ftops
/// that was updated never speaks with a worker of the one before, which ends by itself.
struct Worker {
    /// The variable with the seconds for which a worker stays; with `0` there is none.
    static let idle = "FTOPS_WORKER_IDLE"
    /// How long a worker may take until it listens, which it does before it loads anything.
    private static let patience: Duration = .seconds(30)

    private let launcher: TrainerLauncher
    private let folder: String

    /// The worker for a request, be it there already or not; nothing where none is wanted, or the trainer cannot be told
    /// from others.
    init?(for request: GenerationRequest, launcher: TrainerLauncher, cache: String) {
        guard launcher.environment[Self.idle] != "0", let trainer = try? launcher.identity() else { return nil }
        let key: JSONValue = [
            "base": request.base.json,
            "dtype": request.dtype.map { .string($0) } ?? .null,
            "machine": .string(Machine.id),
            "trainer": .array(trainer.map { .string($0) }),
        ]
        self.launcher = launcher
        folder = cache + "/workers/" + SHA256Digest.of(JSONText.compact(key)).hex.prefix(16)
    }

    /// Connects to the worker, which is started where it is not there; nothing where none comes to be.
    func connect(isCancelled: () -> Bool) throws -> OpenFile? {
        if let connection = try connection() { return connection }
        try launcher.prepareEnvironment()
        try Folder.make(folder)
        guard try isPrivate() else { return nil }
        let watch = ChangeWatch(folders: [folder])
        let deadline = MonotonicClock.now + Self.patience
        var child = try start()
        while !isCancelled(), MonotonicClock.now < deadline {
            // In this order: one that ends because another listens is not missed.
            let end = try child.poll()
            if let connection = try connection() { return connection }
            switch end {
            case nil: watch.wait(timeout: .milliseconds(200), child: child)
            case .exited(0): child = try start()
            case .exited, .signaled: return nil
            }
        }
        child.signal(ProcessGroup.Signal.terminate)
        return nil
    }

    private func connection() throws -> OpenFile? {
        try isPrivate() ? OpenFile.connection(to: "socket", in: folder) : nil
    }

    /// Whether nobody else could have put a socket into the folder.
    private func isPrivate() throws -> Bool {
        guard let status = try FileStatus.of(folder, followingLinks: false) else { return false }
        return status.kind == .folder && status.owner == Machine.user && status.permissions & 0o077 == 0
    }

    private func start() throws -> ChildProcess {
        var options = launcher.options(["serve", folder])
        options.environment.merge(Device.cpu.environment) { $1 }
        (options.output, options.error) = (.null, .null)
        options.newSession = true
        return try ChildProcess.spawn(options)
    }
}
