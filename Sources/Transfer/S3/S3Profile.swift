//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// A profile of the files `~/.aws/config` and `~/.aws/credentials`.
struct S3Profile {
    /// The profile's name.
    let name: String
    private let values: [String: String]
    private let service: [String: String]

    init(environment: [String: String], contents: (String) throws -> String?) throws {
        func file(_ variable: String, _ usual: String) throws -> [String: [String: String]] {
            let path = environment.filled(variable) ?? environment.filled("HOME").map { $0 + "/.aws/" + usual }
            return try path.flatMap { try contents($0) }.map(Self.sections) ?? [:]
        }
        let config = try file("AWS_CONFIG_FILE", "config")
        let credentials = try file("AWS_SHARED_CREDENTIALS_FILE", "credentials")
        let chosen = environment.filled("AWS_PROFILE")
        name = chosen ?? "default"
        let found = [config["profile \(name)"] ?? (name == "default" ? config[name] : nil), credentials[name]]
        if chosen != nil, found.allSatisfy({ $0 == nil }) {
            throw TransferError(.failed, "AWS_PROFILE names \(name), and neither config nor credentials has it")
        }
        values = found.compactMap { $0 }.reduce(into: [:]) { $0.merge($1) { $1 } }
        service = values["services"].flatMap { config["services \($0)"] } ?? [:]
    }

    subscript(key: String) -> String? { values.filled(key) }

    /// Where the store is, if the profile says so.
    var endpoint: String? { service.filled("s3.endpoint_url") ?? self["endpoint_url"] }

    /// Says what to do about a profile whose keys have to be fetched first.
    func refuseOtherCredentials() throws(TransferError) {
        let ways = ["sso_session", "sso_start_url", "role_arn", "credential_process", "web_identity_token_file"]
        guard let way = ways.first(where: { self[$0] != nil }) else { return }
        throw TransferError(
            .failed,
            "profile \(name) gets its keys by \(way), which ftops does not do: put them into the environment first, "
                + "with eval \"$(aws configure export-credentials --profile \(name) --format env)\""
        )
    }

    /// The sections of a file; what is indented below `s3 =` has a name such as `s3.addressing_style`.
    static func sections(_ text: String) -> [String: [String: String]] {
        var sections: [String: [String: String]] = [:]
        var (section, above) = ("", "")
        for line in text.split(whereSeparator: \.isNewline) {
            let bare = line.trimmed
            if bare.isEmpty || bare.hasPrefix("#") || bare.hasPrefix(";") { continue }
            if bare.hasPrefix("["), bare.hasSuffix("]") {
                section = bare.dropFirst().dropLast().split(whereSeparator: \.isWhitespace).joined(separator: " ")
                above = ""
                continue
            }
            guard let equals = bare.firstIndex(of: "=") else { continue }
            let key = bare[..<equals].trimmed.lowercased()
            let value = bare[bare.index(after: equals)...].trimmed
            if line.first?.isWhitespace == true, !above.isEmpty {
                sections[section, default: [:]]["\(above).\(key)"] = String(value)
            } else {
                above = value.isEmpty ? key : ""
                sections[section, default: [:]][key] = String(value)
            }
        }
        return sections
    }
}
