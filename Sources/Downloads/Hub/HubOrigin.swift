//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import JSON
internal import POSIX
internal import Resources
internal import Synchronization
internal import Transfer

/// The files of a dataset on the Hugging Face hub, or on a server with its paths.
struct HubOrigin: Origin {
    /// The branch on which the hub keeps Parquet files of datasets that have others, or none at all.
    static let converted = "refs/convert/parquet"

    private let source: HubSource
    private let network: Network
    private let endpoint: WebAddress
    private let isEndpointNamed: Bool
    private let token: Secret?

    init(_ source: HubSource, _ network: Network) throws {
        self.source = source
        self.network = network
        let named = network.environment["HF_ENDPOINT"].flatMap { $0.isEmpty ? nil : $0 }
        isEndpointNamed = named != nil
        endpoint = try WebAddress(named ?? "https://huggingface.co")
        token = try HubToken.find(network.environment)
    }

    func list() throws -> RemoteListing {
        let repository = try repository(at: source.revision ?? "main")
        let choice = HubChoice(source, card: repository.card)
        if source.revision == nil, source.file == nil, !repository.files.contains(where: HubChoice.isData) {
            let converted = try self.repository(at: Self.converted)
            return try listing(converted, try HubChoice(source, card: nil).files(of: converted.files))
        }
        return try listing(repository, try choice.files(of: repository.files))
    }

    private func listing(_ repository: HubRepository, _ files: [String]) throws -> RemoteListing {
        let revision = repository.commit ?? source.revision ?? "main"
        let listed = try files.map { file in
            RemoteListing.File(
                name: String(file.split(separator: "/").last ?? ""),
                request: try request("datasets/\(source.repository)/resolve/\(Self.escaped(revision))", file)
            )
        }
        return RemoteListing(files: listed, version: repository.commit)
    }

    private func repository(at revision: String) throws -> HubRepository {
        let request = try request("api/datasets/\(source.repository)/revision/\(Self.escaped(revision))", "")
        let received = Mutex<[UInt8]>([])
        let response = try network.client.send(request) { part in received.withLock { $0 += part } }
        let body = received.withLock { $0 }
        guard response.status == 200 else {
            throw refusal(response, body: String(decoding: body.prefix(4096), as: UTF8.self))
        }
        guard let value = try? JSONParser.parse(body[...]), let repository = HubRepository(value) else {
            throw DownloadError(
                .unreachable,
                "\(endpoint.origin) answers for \(source.repository) with no list of files"
            )
        }
        return repository
    }

    private func request(_ path: String, _ file: String) throws -> TransferRequest {
        let base = endpoint.path.hasSuffix("/") ? String(endpoint.path.dropLast()) : endpoint.path
        let parts = file.split(separator: "/").map { "/" + Self.escaped(String($0)) }.joined()
        let address = try WebAddress("\(endpoint.origin)\(base)/\(path)\(parts)")
        var request = try network.request(address, endpoint: isEndpointNamed ? endpoint : nil)
        request.authorization = token.map { .bearer($0) } ?? .none
        request.headers = [TransferHeader("Accept-Encoding", "identity")]
        return request
    }

    /// A name as one part of a path: a branch's slashes are escaped too.
    private static func escaped(_ text: String) -> String {
        text.utf8.map { byte in
            let scalar = Unicode.Scalar(byte)
            let isPlain = scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil)
            if isPlain || "-._~".unicodeScalars.contains(scalar) { return String(Character(scalar)) }
            let hex = String(byte, radix: 16, uppercase: true)
            return hex.count == 1 ? "%0\(hex)" : "%\(hex)"
        }.joined()
    }

    func refusal(_ response: TransferResponse, body: String) -> DownloadError {
        let dataset = "\(endpoint.origin)/datasets/\(source.repository)"
        let revision = source.revision ?? "main"
        switch (response.status, response["x-error-code"]) {
        case (_, "GatedRepo"), (403, _):
            let advice = token == nil ? "and set HF_TOKEN to a token of your account" : "with the account of HF_TOKEN"
            return DownloadError(
                .refused,
                "\(source.repository) is given only to those who have accepted its terms",
                notes: ["accept them at \(dataset), \(advice)"]
            )
        case (401, _):
            let advice =
                token == nil ? "set HF_TOKEN to a token of an account that may read it" : "HF_TOKEN is not valid for it"
            return DownloadError(
                .refused,
                "\(endpoint.origin) knows no dataset \(source.repository) that everybody may read",
                notes: ["look at \(dataset): if it is there, \(advice), and accept its terms if it has some"]
            )
        case (404, "RevisionNotFound"):
            return DownloadError(.missing, "\(source.repository) has no revision \(revision)")
        case (404, "EntryNotFound"):
            return DownloadError(.missing, "\(source.repository) has no such file at revision \(revision)")
        case (404, _):
            return DownloadError(.missing, "there is no dataset \(source.repository) at \(endpoint.origin)")
        default:
            let message = "\(endpoint.origin) cannot give \(source.repository): it answers \(response.status)"
            return DownloadError(.unreachable, message)
        }
    }
}

/// The token by which the hub knows who asks.
enum HubToken {
    /// Finds it where the hub's own tools look: in `HF_TOKEN`, else in the file that `hf auth login` writes.
    static func find(_ environment: [String: String]) throws -> Secret? {
        let variable: (String) -> String? = { name in environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        if let token = variable("HF_TOKEN") { return secret(token) }
        let cache = variable("XDG_CACHE_HOME") ?? variable("HOME").map { $0 + "/.cache" }
        let home = variable("HF_HOME") ?? cache.map { $0 + "/huggingface" }
        guard let path = variable("HF_TOKEN_PATH") ?? home.map({ $0 + "/token" }) else { return nil }
        return try FileContents.readIfPresent(path, limit: 4096)
            .flatMap { secret(String(decoding: $0, as: UTF8.self)) }
    }

    private static func secret(_ text: String) -> Secret? {
        let token = text.filter { !$0.isWhitespace }
        return token.isEmpty ? nil : Secret(token)
    }
}
