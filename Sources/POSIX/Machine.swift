//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Glibc

/// The machine that this process runs on.
package enum Machine {
    /// Its name.
    package static var name: String {
        var bytes = [CChar](repeating: 0, count: 256)
        guard gethostname(&bytes, bytes.count - 1) == 0 else { return "localhost" }
        return String(decoding: bytes.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// What tells it from others: the id that systemd or the distribution gave it, else its name.
    package static var id: String { firstLine("/etc/machine-id") ?? name }

    /// What tells this start of the machine from the others.
    package static let boot: String = firstLine("/proc/sys/kernel/random/boot_id") ?? ""

    /// How many processors this process may use.
    package static var processors: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

    /// The user that this process acts as.
    package static var user: UInt32 { geteuid() }

    /// The user's home folder; nothing where the machine does not know one.
    package static var home: String? {
        guard let entry = getpwuid(getuid()), let folder = entry.pointee.pw_dir else { return nil }
        let path = String(cString: folder)
        return path.hasPrefix("/") ? path : nil
    }

    private static func firstLine(_ path: String) -> String? {
        guard let bytes = try? FileContents.read(path, limit: 4096) else { return nil }
        let line = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline).first.map(String.init)
        return line.flatMap { $0.isEmpty ? nil : $0 }
    }
}
