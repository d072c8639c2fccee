//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Glibc

/// Files that a crash or a power cut leaves whole: as they were, or as they were meant to be.
package enum DurableFile {
    /// Puts bytes where the path says, in place of what was there; when it returns they are on the disk.
    package static func write(_ bytes: [UInt8], to path: String, permissions: UInt32 = 0o644) throws(POSIXError) {
        let pending = try PendingFile(for: path)
        try pending.file.write(bytes)
        try pending.commit(permissions: permissions)
    }

    /// Puts a text where the path says, in place of what was there; when it returns it is on the disk.
    package static func write(_ text: String, to path: String, permissions: UInt32 = 0o644) throws(POSIXError) {
        try write(Array(text.utf8), to: path, permissions: permissions)
    }

    /// Appends a line in one write, so that lines of several processes do not mix; when it returns it is on the disk.
    package static func appendLine(_ line: String, to path: String) throws(POSIXError) {
        let file = try OpenFile(path, .append)
        try file.write(Array((line + "\n").utf8))
        try file.synchronize()
    }
}

/// A file that is being written under a name of its own; it takes its place when it is whole, and goes away when it
/// never is.
package struct PendingFile: ~Copyable {
    /// The file to write to.
    package let file: OpenFile
    private let temporary: String
    private let target: String

    /// The start of the names that unfinished files have.
    package static let prefix = ".ftops-"

    /// Starts a file in the folder where it will stand.
    package init(for path: String) throws(POSIXError) {
        target = path
        temporary = Folder.parent(of: path) + "/" + Self.prefix + RandomBytes.hex(8)
        do {
            file = try OpenFile(temporary, .create, permissions: 0o600)
        } catch {
            // Nobody but this type knows the other name.
            throw POSIXError(code: error.code, message: "cannot write", path: path)
        }
    }

    /// Where it is until then.
    package var path: String { temporary }

    /// Puts the file where it belongs, in place of what was there; when it returns it is on the disk.
    package consuming func commit(permissions: UInt32 = 0o644) throws(POSIXError) {
        try file.setPermissions(permissions)
        try file.synchronize()
        try Folder.move(temporary, to: target)
        try Folder.synchronize(Folder.parent(of: target))
    }

    /// Puts the file where it belongs, in place of what was there; it may take a while to reach the disk.
    package consuming func replace(permissions: UInt32 = 0o644) throws(POSIXError) {
        try file.setPermissions(permissions)
        try Folder.move(temporary, to: target)
    }

    // After a commit nothing has this name any more.
    deinit { _ = unlink(temporary) }
}
