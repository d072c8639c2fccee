//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// The rules by which redirects are followed.
enum Redirect {
    /// The request that a redirect asks for.
    static func follow(_ request: TransferRequest, to target: String) throws(TransferError) -> TransferRequest {
        let from = request.address
        let address: WebAddress
        do throws(TransferError) { address = try WebAddress(target, from: from) } catch {
            throw TransferError(.redirect, "\(from) redirects to what cannot be read from: \(error.message)")
        }
        guard from.scheme == "http" || address.scheme == "https" else {
            throw TransferError(.redirect, "\(from) redirects to \(address), which is not encrypted")
        }
        var next = request
        next.address = address
        guard !address.hasSameOrigin(as: from) else { return next }
        if case .signature = request.authorization {
            throw TransferError(
                .redirect,
                "\(from.origin) redirects to \(address.origin): is this the region and the endpoint of the bucket?"
            )
        }
        guard request.method.body == nil else {
            throw TransferError(.redirect, "\(from.origin) sends what it should keep on to \(address.origin)")
        }
        // What follows may be anybody's server: it gets neither a token nor headers that were meant for the first.
        next.authorization = .none
        return next
    }
}
