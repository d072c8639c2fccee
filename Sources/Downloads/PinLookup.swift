//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import JSON
internal import Synchronization
internal import Transfer

/// Asks the hosts of base models what they have by now.
package struct PinLookup: Sendable {
    private let network: Network
    /// The most bytes of an answer; a package of many releases has some megabytes to say.
    private static let answerLimit = 64 << 20

    /// Makes a lookup that takes its settings from the environment.
    package init(environment: [String: String]) { network = Network(environment) }

    /// The commit that a model of the Hugging Face hub stands at, on a branch or tag where one is named.
    package func commit(ofModel id: String, at revision: String?) throws(DownloadError) -> String {
        let path = "/api/models/\(id)" + (revision.map { "/revision/\($0)" } ?? "")
        let token = try told(id) { try HubToken.find(network.environment) }
        let answer = try ask(Host(name: "HF_ENDPOINT", usual: "https://huggingface.co"), path, token, about: id)
        return try pin(answer["sha"], digits: 40, about: id)
    }

    /// The newest version of a model at Replicate.
    package func version(ofModel name: String) throws(DownloadError) -> String {
        let token = network.environment["REPLICATE_API_TOKEN"].flatMap { $0.isEmpty ? nil : Secret($0) }
        guard let token else {
            throw DownloadError(
                .settings,
                "Replicate tells nobody without a token which version \(name) has",
                notes: ["set REPLICATE_API_TOKEN to a token of your account"]
            )
        }
        let host = Host(name: "FTOPS_REPLICATE_URL", usual: "https://api.replicate.com/v1")
        let answer = try ask(host, "/models/\(name)", token, about: name)
        return try pin(answer["latest_version"]?["id"], digits: 64, about: name)
    }

    /// The newest version of a Python package.
    package func version(ofPackage name: String) throws(DownloadError) -> String {
        let answer = try ask(
            Host(name: "FTOPS_PYPI_URL", usual: "https://pypi.org"),
            "/pypi/\(name)/json",
            nil,
            about: name
        )
        guard let version = answer["info"]?["version"]?.string, !version.isEmpty, version.utf8.count <= 100 else {
            throw DownloadError(.unreachable, "the package index does not say which version \(name) has")
        }
        return version
    }

    /// A server, and the variable that names another with its paths.
    private struct Host {
        let name: String
        let usual: String
    }

    private func ask(
        _ host: Host,
        _ path: String,
        _ token: Secret?,
        about what: String
    ) throws(DownloadError) -> JSONValue {
        try told(what) {
            let named = network.environment[host.name].flatMap { $0.isEmpty ? nil : $0 }
            let base = named ?? host.usual
            let address = try WebAddress((base.hasSuffix("/") ? String(base.dropLast()) : base) + path)
            var request = try network.request(address, endpoint: named == nil ? nil : address)
            request.limits.size = Self.answerLimit
            request.authorization = token.map { .bearer($0) } ?? .none
            let received = Mutex<[UInt8]>([])
            let response = try network.client.send(request) { part in received.withLock { $0 += part } }
            guard response.status == 200 else { throw Self.refusal(response.status, address.origin, what) }
            return try JSONParser.parse(received.withLock { $0 }[...])
        }
    }

    private func told<Value>(_ what: String, _ body: () throws -> Value) throws(DownloadError) -> Value {
        do {
            return try body()
        } catch let error as DownloadError {
            throw error
        } catch {
            throw DownloadError(.unreachable, "cannot ask about \(what): \(error)")
        }
    }

    private static func refusal(_ status: Int, _ host: String, _ what: String) -> DownloadError {
        switch status {
        case 401, 403:
            DownloadError(
                .refused,
                "\(host) does not tell us about \(what)",
                notes: ["look whether the token is valid, and whether the model's terms are accepted with its account"]
            )
        case 404: DownloadError(.missing, "\(host) knows no \(what)")
        default: DownloadError(.unreachable, "\(host) says nothing about \(what): it answers \(status)")
        }
    }

    private func pin(_ value: JSONValue?, digits: Int, about what: String) throws(DownloadError) -> String {
        let isDigit: (UInt8) -> Bool = { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
        guard let text = value?.string, text.utf8.count == digits, text.utf8.allSatisfy(isDigit) else {
            throw DownloadError(.unreachable, "the host does not say which version \(what) has")
        }
        return text
    }
}
