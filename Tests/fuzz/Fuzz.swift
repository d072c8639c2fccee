//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Glibc

/// What libFuzzer calls with each input: the target that `FTOPS_FUZZ` names reads it, and must neither crash nor hang.
///
/// A target is a function of bytes and a line in `targets`. What it expects of a result it says by `expect`, which
/// crashes where it does not hold, so that libFuzzer keeps the input.
enum Fuzz {
    private static let targets: [String: @Sendable ([UInt8]) -> Void] = [
        "yaml": ManifestTarget.read, "rows": RowTarget.read, "templates": TemplateTarget.read,
        "filters": FilterTarget.read,
    ]

    /// The target of this process.
    static let target: @Sendable ([UInt8]) -> Void = {
        let name = getenv("FTOPS_FUZZ").map { String(cString: $0) } ?? ""
        guard let target = targets[name] else {
            print("FTOPS_FUZZ names no target; there are \(targets.keys.sorted().joined(separator: ", "))")
            exit(64)
        }
        return target
    }()

    /// Parts an input at its first NUL; without one, all of it comes before.
    static func parts(_ bytes: [UInt8]) -> (before: String, behind: ArraySlice<UInt8>?) {
        let end = bytes.firstIndex(of: 0) ?? bytes.count
        let behind = end < bytes.count ? bytes[(end + 1)...] : nil
        return (String(decoding: bytes[..<end], as: UTF8.self), behind)
    }

    /// Says that something has to hold.
    static func expect(_ condition: Bool, _ message: @autoclosure () -> String) {
        guard !condition else { return }
        let text = "does not hold: \(message())\n"
        _ = text.withCString { write(STDERR_FILENO, $0, strlen($0)) }
        abort()
    }
}

/// The function that libFuzzer looks for.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    Fuzz.target(Array(UnsafeBufferPointer(start: data, count: size)))
    return 0
}
