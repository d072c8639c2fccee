//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Glibc

extension OpenFile {
    /// Connects to the process that listens at a socket by its name in a folder; nothing where nobody does.
    ///
    /// The folder's path may be longer than the 107 bytes that the path of a socket has at most.
    package static func connection(to name: String, in folder: String) throws(POSIXError) -> OpenFile? {
        let path = folder + "/" + name
        let opened: OpenFile
        do throws(POSIXError) {
            opened = try OpenFile(folder, flags: O_RDONLY | O_DIRECTORY)
        } catch {
            if error.isMissing { return nil }
            throw error
        }
        defer { withExtendedLifetime(opened) {} }
        guard var address = address("/proc/self/fd/\(opened.descriptor)/\(name)") else {
            throw POSIXError(code: ENAMETOOLONG, message: "cannot connect to", path: path)
        }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw .last("cannot make a socket") }
        let connection = OpenFile(descriptor: descriptor, path: path)
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                uninterrupted { connect(descriptor, pointer, socklen_t(MemoryLayout<sockaddr_un>.size)) }
            }
        }
        guard result != 0 else { return connection }
        let error = POSIXError.last("cannot connect to", path: path)
        if error.isMissing || error.code == ECONNREFUSED { return nil }
        throw error
    }

    /// Sends as many of the bytes as the other side of a connection has room for, and returns how many: 0 where it has
    /// none. That it has gone is an error, and no signal.
    package func send(_ bytes: ArraySlice<UInt8>) throws(POSIXError) -> Int {
        let sent = bytes.withUnsafeBytes { buffer in
            uninterrupted {
                Glibc.send(
                    descriptor,
                    buffer.baseAddress,
                    buffer.count,
                    Int32(MSG_DONTWAIT | MSG_NOSIGNAL)
                )
            }
        }
        if sent >= 0 { return sent }
        if errno == EAGAIN || errno == EWOULDBLOCK { return 0 }
        throw .last("cannot send to", path: path)
    }

    private static func address(_ path: String) -> sockaddr_un? {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        let fits = withUnsafeMutableBytes(of: &address.sun_path) { room in
            // The last byte ends the text.
            guard bytes.count < room.count else { return false }
            room.copyBytes(from: bytes)
            return true
        }
        return fits ? address : nil
    }
}
