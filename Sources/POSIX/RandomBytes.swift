//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import CPOSIX

/// Randomness from the kernel, fit for secrets and for names that must not meet.
package enum RandomBytes {
    /// So many random bytes, as hexadecimal digits.
    package static func hex(_ count: Int) -> String {
        var bytes = [UInt8](repeating: 0, count: count)
        // The kernel refuses only what no ftops asks for: a bad address, or the pool before the machine has started.
        precondition(cposix_random(&bytes, count) == 0, "the kernel has no randomness")
        return bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
