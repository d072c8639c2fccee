//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import CPOSIX
internal import Glibc

/// How a process ended.
package enum ProcessEnd: Hashable, Sendable, CustomStringConvertible {
    case exited(Int32)
    case signaled(Int32)

    /// The status in words, such as `exited with 1` or `was ended by signal 9`.
    package var description: String {
        switch self {
        case .exited(let code): "exited with \(code)"
        case .signaled(let signal): "was ended by signal \(signal)"
        }
    }
}

/// A process that this one started and has to reap. Letting go of it ends nothing.
package final class ChildProcess {
    /// Who it is; nothing where the kernel does not tell.
    package let identity: ProcessIdentity?
    /// Its process id.
    package let pid: Int32
    /// Its largest resident size in bytes, once it has been reaped.
    package private(set) var peakMemory: Int?
    /// Polls readable at its end, where the kernel offers that.
    let descriptor: OpenFile?
    private var ended: ProcessEnd?

    private init(pid: Int32) {
        self.pid = pid
        identity = ProcessIdentity.of(pid)
        let number = cposix_process_descriptor(pid)
        descriptor = number >= 0 ? OpenFile(descriptor: number, path: "process \(pid)") : nil
        if number >= 0 { _ = fcntl(number, F_SETFD, FD_CLOEXEC) }
    }

    /// Starts a process.
    package static func spawn(_ options: SpawnOptions) throws(POSIXError) -> ChildProcess {
        if let folder = options.folder, !FileStatus.isFolder(folder) {
            throw POSIXError(code: ENOENT, message: "cannot start \(options.executable) in", path: folder)
        }
        let map = try DescriptorMap(options)
        var pid: pid_t = 0
        let error = withCStrings([options.executable] + options.arguments) { arguments in
            withCStrings(options.environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }) {
                environment in
                start(options, map, arguments, environment, &pid)
            }
        }
        guard error == 0 else { throw POSIXError(code: error, message: "cannot start", path: options.executable) }
        return ChildProcess(pid: pid)
    }

    private static func start(
        _ options: SpawnOptions,
        _ map: borrowing DescriptorMap,
        _ arguments: UnsafePointer<UnsafeMutablePointer<CChar>?>,
        _ environment: UnsafePointer<UnsafeMutablePointer<CChar>?>,
        _ pid: inout pid_t
    ) -> Int32 {
        withOptionalCString(options.folder) { folder in
            options.executable.withCString { path in
                map.from.withUnsafeBufferPointer { from in
                    map.to.withUnsafeBufferPointer { to in
                        var child = cposix_child(
                            path: path,
                            arguments: arguments,
                            environment: environment,
                            folder: folder,
                            from: from.baseAddress,
                            to: to.baseAddress,
                            descriptors: from.count,
                            new_session: options.newSession
                        )
                        return cposix_spawn(&child, &pid)
                    }
                }
            }
        }
    }

    /// How it ended, and reaps it; nothing while it runs.
    package func poll() throws(POSIXError) -> ProcessEnd? { try reap(WNOHANG) }

    /// Waits until it has ended, and reaps it.
    package func wait() throws(POSIXError) -> ProcessEnd {
        while true {
            if let status = try reap(0) { return status }
        }
    }

    /// Sends it a signal, while it has not been reaped.
    package func signal(_ number: Int32) {
        if ended == nil { _ = kill(pid, number) }
    }

    /// Sends all of its process group a signal; only for a child with a session of its own.
    package func signalGroup(_ number: Int32) {
        if ended == nil { _ = kill(-pid, number) }
    }

    private func reap(_ options: Int32) throws(POSIXError) -> ProcessEnd? {
        if let ended { return ended }
        var status: Int32 = 0
        var usage = rusage()
        let reaped = uninterrupted { wait4(pid, &status, options, &usage) }
        guard reaped >= 0 else { throw .last("cannot wait for process \(pid)") }
        guard reaped == pid else { return nil }
        peakMemory = usage.ru_maxrss * 1024
        let signal = status & 0x7F
        ended = signal == 0 ? .exited((status >> 8) & 0xFF) : .signaled(signal)
        return ended
    }
}

/// Which descriptors of this process become which of a child. The former are copied out of the way first, so that
/// putting one in place cannot overwrite another that is still to be placed.
private struct DescriptorMap: ~Copyable {
    private(set) var from: [Int32] = []
    private(set) var to: [Int32] = []

    init(_ options: SpawnOptions) throws(POSIXError) {
        let null = try OpenFile("/dev/null", flags: O_RDWR)
        for (number, stream) in [options.input, options.output, options.error].enumerated() {
            switch stream {
            case .null: try add(null.descriptor, as: Int32(number))
            case .same: try add(Int32(number), as: Int32(number), otherwise: null.descriptor)
            case .file(let file): try add(file.descriptor, as: Int32(number))
            }
        }
        for (index, file) in options.inherited.enumerated() { try add(file.descriptor, as: 20 + Int32(index)) }
    }

    private mutating func add(_ descriptor: Int32, as target: Int32, otherwise: Int32? = nil) throws(POSIXError) {
        var copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 128)
        if copy < 0, errno == EBADF, let otherwise { copy = fcntl(otherwise, F_DUPFD_CLOEXEC, 128) }
        guard copy >= 0 else { throw .last("cannot hand a descriptor to a child") }
        from.append(copy)
        to.append(target)
    }

    deinit { for descriptor in from { _ = close(descriptor) } }
}

/// Calls `body` with texts as a list of C strings that ends in null.
private func withCStrings<Result>(
    _ texts: [String],
    _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
) -> Result {
    var strings = texts.map { strdup($0) }
    defer { for string in strings { free(string) } }
    strings.append(nil)
    return strings.withUnsafeBufferPointer { buffer in
        guard let base = buffer.baseAddress else { preconditionFailure("a list with an end has an address") }
        return body(base)
    }
}

private func withOptionalCString<Result>(_ text: String?, _ body: (UnsafePointer<CChar>?) -> Result) -> Result {
    guard let text else { return body(nil) }
    return text.withCString { body($0) }
}
