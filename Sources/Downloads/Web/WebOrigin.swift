//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Transfer

/// A file at an address with `https`.
struct WebOrigin: Origin {
    private let request: TransferRequest

    init(_ text: String, _ network: Network) throws {
        request = try network.request(try WebAddress(text))
    }

    func list() throws -> RemoteListing {
        var request = request
        // Else a server may compress the file differently each time, and no pin would hold.
        request.headers = [TransferHeader("Accept-Encoding", "identity")]
        let name = String(request.address.path.split(separator: "/").last ?? "")
        return RemoteListing(files: [RemoteListing.File(name: name, request: request)])
    }

    func refusal(_ response: TransferResponse, body: String) -> DownloadError {
        let address = request.address
        switch response.status {
        case 404, 410:
            return DownloadError(.missing, "there is nothing at \(address): the server answers \(response.status)")
        case 401, 403:
            return DownloadError(
                .refused,
                "\(address) is not for everybody: the server answers \(response.status)",
                notes: ["only addresses that need no sign-in can be read; s3:// and hf:// take credentials"]
            )
        default: return DownloadError(.unreachable, "\(address) cannot be read: the server answers \(response.status)")
        }
    }
}
