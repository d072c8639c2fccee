//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// Where a store that speaks S3 is, and who asks: from the variables and files that the command `aws` reads.
package struct S3Settings: Hashable, Sendable {
    /// Where a bucket's name stands in an address.
    package enum Addressing: String, Hashable, Sendable {
        /// In the host's name where that can be, which is with AWS itself.
        case auto
        /// In the path.
        case path
        /// In the host's name.
        case virtual
    }

    /// The store; AWS's of the region where absent.
    package let endpoint: WebAddress?
    /// The region, which a signature names.
    package let region: String
    /// Where a bucket's name stands in an address.
    package let addressing: Addressing
    /// Who asks; nobody where no credentials were found.
    package let signature: S3Signature?

    /// Reads settings; `contents` gives the text of a file, or nothing where there is none.
    package init(
        environment: [String: String],
        contents: (String) throws -> String?
    ) throws {
        let profile = try S3Profile(environment: environment, contents: contents)
        let endpoint = ["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"].lazy.compactMap { environment.filled($0) }.first
        self.endpoint = try (endpoint ?? profile.endpoint).map { try WebAddress($0) }
        let region = ["AWS_REGION", "AWS_DEFAULT_REGION"].lazy.compactMap { environment.filled($0) }.first
        self.region = region ?? profile["region"] ?? "us-east-1"
        addressing = profile["s3.addressing_style"].flatMap { Addressing(rawValue: $0) } ?? .auto
        signature = try Self.signature(environment, profile, region: self.region)
    }

    private static func signature(
        _ environment: [String: String],
        _ profile: S3Profile,
        region: String
    ) throws(TransferError) -> S3Signature? {
        let variables = environment.filled("AWS_ACCESS_KEY_ID")
        let find: (String) -> String? = { name in
            variables == nil ? profile[name] : environment.filled(name.uppercased())
        }
        guard let key = variables ?? profile["aws_access_key_id"] else {
            try profile.refuseOtherCredentials()
            return nil
        }
        guard let secret = find("aws_secret_access_key") else {
            let place = variables == nil ? "profile \(profile.name)" : "the environment"
            throw TransferError(.failed, "there is an access key for S3 in \(place), and no secret one beside it")
        }
        let session = find("aws_session_token").map { Secret($0) }
        return S3Signature(key: key, secret: Secret(secret), session: session, region: region)
    }

    /// The address of an object.
    package func address(bucket: String, key: String) throws(TransferError) -> WebAddress {
        let suffix = region.hasPrefix("cn-") ? "amazonaws.com.cn" : "amazonaws.com"
        let store = if let endpoint { endpoint } else { try WebAddress("https://s3.\(region).\(suffix)") }
        let path = Self.escaped(key, but: "/")
        // The certificate of a host `a.b.s3…` would not be valid, so a bucket with a dot stands in the path.
        let isInHost = addressing == .virtual || addressing == .auto && endpoint == nil && !bucket.contains(".")
        guard isInHost else {
            let base = store.path.hasSuffix("/") ? String(store.path.dropLast()) : store.path
            return try WebAddress("\(store.origin)\(base)/\(bucket)/\(path)")
        }
        let rest = store.origin.dropFirst(store.scheme.count + 3)
        return try WebAddress("\(store.scheme)://\(bucket).\(rest)/\(path)")
    }

    /// A text as it stands in an address: S3 signs it with everything escaped but what never needs to be, and in a path
    /// its slashes.
    package static func escaped(_ plain: String, but others: String = "") -> String {
        var text = ""
        for byte in plain.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E:
                text.unicodeScalars.append(Unicode.Scalar(byte))
            case _ where others.utf8.contains(byte): text.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let hex = String(byte, radix: 16, uppercase: true)
                text += hex.count == 1 ? "%0\(hex)" : "%\(hex)"
            }
        }
        return text
    }
}

extension [String: String] {
    /// A variable's value, where it has one.
    func filled(_ name: String) -> String? { self[name].flatMap { $0.isEmpty ? nil : $0 } }
}
