//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Transfer

/// Where a source comes from: how its files are found and asked for, and what a refusal means.
protocol Origin {
    /// The files that make the source, in their order.
    func list() throws -> RemoteListing

    /// What an answer means that is not the file.
    func refusal(_ response: TransferResponse, body: String) -> DownloadError
}

/// The files that make a source.
struct RemoteListing {
    /// One of the files.
    struct File {
        var name: String
        var request: TransferRequest
    }

    /// The files in their order.
    var files: [File]
    /// What names this very state of all files, where their origin has such a name.
    var version: String?
}
