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

    /// The bytes of memory that this process may use: the machine's, or fewer where one of its control groups may not
    /// have as many; nothing where the machine does not tell. `root` is where the machine's files are.
    package static func memory(root: String = "") -> Int? {
        let line = lines("\(root)/proc/meminfo").first { $0.hasPrefix("MemTotal:") }
        let kibibytes = line.flatMap { Int($0.dropFirst(9).filter(\.isNumber)) }
        let limits = controlGroups(root: root).compactMap { firstLine($0).flatMap { Int($0) } }
        return ([kibibytes.map { $0 * 1024 }].compactMap { $0 } + limits.filter { $0 > 0 }).min()
    }

    /// The files with the limits of the control groups that this process is in, the innermost first.
    private static func controlGroups(root: String) -> [String] {
        let top = "\(root)/sys/fs/cgroup"
        let own = lines("\(root)/proc/self/cgroup").first { $0.hasPrefix("0::/") }
        var parts = own.map { $0.dropFirst(4).split(separator: "/").map(String.init) } ?? []
        var files = ["\(top)/memory/memory.limit_in_bytes"]
        // A container sees itself at the top, whatever it is called outside.
        while true {
            files.append(([top] + parts + ["memory.max"]).joined(separator: "/"))
            if parts.popLast() == nil { return files }
        }
    }

    /// Whether its processors multiply bfloat16, as the trainer finds it.
    package static func multipliesHalf(root: String = "") -> Bool {
        let flags = lines("\(root)/proc/cpuinfo").first { $0.hasPrefix("flags") }
        return flags.map { !Set($0.split(separator: " ")).isDisjoint(with: ["avx512_bf16", "amx_bf16"]) } ?? false
    }

    /// The user that this process acts as.
    package static var user: UInt32 { geteuid() }

    /// The user's home folder; nothing where the machine does not know one.
    package static var home: String? {
        guard let entry = getpwuid(getuid()), let folder = entry.pointee.pw_dir else { return nil }
        let path = String(cString: folder)
        return path.hasPrefix("/") ? path : nil
    }

    private static func firstLine(_ path: String) -> String? { lines(path, limit: 4096).first }

    private static func lines(_ path: String, limit: Int = 16 << 20) -> [String] {
        guard let bytes = try? FileContents.read(path, limit: limit) else { return [] }
        return String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline).map(String.init)
    }
}
