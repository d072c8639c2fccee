//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import CPOSIX
internal import Glibc

/// The file system that a path lies on: locks and fsync are to be trusted on a local one only.
package enum FileSystemKind {
    /// The name of the network file system that holds a path, such as `nfs`; nothing on a local one.
    package static func network(_ path: String) throws(POSIXError) -> String? {
        let number = cposix_file_system(path)
        guard number >= 0 else { throw .last("cannot look at the file system of", path: path) }
        guard number == fuse else { return networkNames[number] }
        return isLocalFUSE(path) ? nil : "fuse"
    }

    private static let fuse: Int64 = 0x6573_5546

    private static let networkNames: [Int64: String] = [
        0x6969: "nfs", 0x517B: "smb", 0xFF53_4D42: "cifs", 0xFE53_4D42: "smb2", 0x564C: "ncp", 0x5346_414F: "afs",
        0x6B41_4653: "afs", 0x00C3_6400: "ceph", 0x0102_1997: "9p", 0x0BD0_0BD0: "lustre", 0x4750_4653: "gpfs",
        0x7461_636F: "ocfs2", 0x0116_1970: "gfs2", 0x7375_7245: "coda",
    ]

    /// FUSE serves local disks too (NTFS, overlays of rootless containers); the mount table says which it is.
    private static func isLocalFUSE(_ path: String) -> Bool {
        guard let table = try? FileContents.read("/proc/self/mountinfo"), let path = Folder.resolved(path) else {
            return false
        }
        return kind(of: path, in: String(decoding: table, as: UTF8.self)).map { localFUSE.contains($0) } ?? false
    }

    static let localFUSE: Set<String> = ["fuseblk", "fuse.fuse-overlayfs", "fuse.ntfs-3g", "fuse.mergerfs", "fuse.zfs"]

    /// The type of the innermost mount that holds a path, by the kernel's table of mounts.
    static func kind(of path: String, in table: String) -> String? {
        var best: (length: Int, kind: String)?
        for line in table.split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard fields.count > 6, let dash = fields.firstIndex(of: "-"), dash + 1 < fields.count else { continue }
            let point = unescaped(fields[4])
            let isAbove = point == "/" || path == point || path.hasPrefix(point + "/")
            guard isAbove, point.utf8.count >= best?.length ?? 0 else { continue }
            best = (point.utf8.count, String(fields[dash + 1]))
        }
        return best?.kind
    }

    /// The kernel writes spaces and the like in mount points as a backslash and three octal digits.
    private static func unescaped(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\"),
                let code = UInt8(String(decoding: rest.prefix(3), as: UTF8.self), radix: 8)
            else {
                bytes.append(byte)
                continue
            }
            bytes.append(code)
            rest = rest.dropFirst(3)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
