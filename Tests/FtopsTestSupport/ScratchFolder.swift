//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Glibc
internal import POSIX

/// A folder of a test's own, which goes with it.
package final class ScratchFolder: Sendable {
    /// The folder's path, every link resolved.
    package let path: String

    /// Makes an empty folder.
    package init() throws {
        let base = ProcessEnvironment.variables["TMPDIR"] ?? "/tmp"
        let folder = (Folder.resolved(base) ?? base) + "/ftops-test-" + RandomBytes.hex(8)
        try Folder.makeNew(folder)
        path = folder
    }

    deinit { try? Folder.remove(path) }

    /// A path in the folder.
    package func path(_ name: String) -> String { path + "/" + name }

    /// Writes a file, with the folders above it.
    @discardableResult
    package func write(_ text: String, to name: String) throws -> String {
        try Folder.make(Folder.parent(of: path(name)))
        try DurableFile.write(text, to: path(name))
        return path(name)
    }

    /// Writes a program that can be started at once.
    ///
    /// Another process writes it: what a test beside this one starts has all that is open here until it is another
    /// program, and a file that somebody may still write is none to start ("text file busy").
    @discardableResult
    package func writeProgram(_ text: String, to name: String) throws -> String {
        let (source, target) = (try write(text, to: name + ".text"), path(name))
        let copy = SpawnOptions(
            executable: "/bin/sh",
            arguments: ["-c", "cp \"$0\" \"$1\" && chmod 755 \"$1\"", source, target]
        )
        guard try ChildProcess.spawn(copy).wait() == .exited(0) else {
            throw POSIXError(code: EIO, message: "cannot write", path: target)
        }
        return target
    }

    /// A file's text; nothing where there is none.
    package func read(_ name: String) -> String? {
        (try? FileContents.read(path(name))).map { String(decoding: $0, as: UTF8.self) }
    }

    /// A file's lines; none where there is no file.
    package func lines(_ name: String) -> [String] {
        (read(name) ?? "").split(separator: "\n").map(String.init)
    }
}

/// Waiting for what other processes do, by a condition and a deadline, never for a fixed time.
package enum Eventually {
    /// Waits until the condition holds; false where it does not within the deadline. It is looked at when something in
    /// the folders changes, and now and then.
    package static func holds(
        within deadline: Duration = .seconds(60),
        watching folders: [String] = [],
        _ condition: () throws -> Bool
    ) rethrows -> Bool {
        let end = MonotonicClock.now + deadline
        let watch = ChangeWatch(folders: folders)
        while true {
            if try condition() { return true }
            guard MonotonicClock.now < end else { return false }
            watch.wait(timeout: .milliseconds(10))
        }
    }
}
