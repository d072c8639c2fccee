//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import CCurl

/// The library itself, which is loaded when it is first needed.
enum LibCurl {
    static func load() throws(TransferError) {
        guard let reason = ccurl_load() else { return }
        throw TransferError(
            .failed,
            "cannot load libcurl, which reads from servers: \(String(cString: reason)); install it (Debian: libcurl4)"
        )
    }
}
