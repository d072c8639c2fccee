//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Planning
package import Resources
import YAML

/// A run's entry as the text of its file in the ledger, and back.
package enum RunEntryCodec {
    /// The folder of all runs.
    static let folder = "runs"

    /// Where an entry's file lies in the ledger: `runs/<first two digits>/<fingerprint>.yaml`.
    package static func path(of fingerprint: Fingerprint) -> String {
        "\(folder)/\(fingerprint.hex.prefix(2))/\(fingerprint).yaml"
    }

    /// The file's text: block style, its keys in one order.
    package static func text(_ entry: RunEntry) -> String { YAMLWriter.text(entry.yaml) }

    /// The entry of a file's bytes; keys of later releases are passed over.
    package static func entry(_ bytes: [UInt8], at path: String) throws(LedgerError) -> RunEntry {
        try decode(bytes, at: path) { field throws(FieldError) in try RunEntry(field) }
    }
}

extension RunEntry {
    fileprivate var yaml: YAMLValue {
        .mapping(present: [
            ("state", .string(state.rawValue)),
            ("fingerprint", .of(fingerprint)),
            ("fineTunes", .texts(fineTunes)),
            ("model", .of(model)),
            ("commit", .string(commit)),
            ("branch", .string(branch)),
            ("holder", holder.yaml),
            ("estimate", estimate?.yaml),
            ("attempts", .sequence(attempts.map(\.yaml))),
            ("failure", failure.map { ["class": .string($0.kind), "message": .string($0.message)] }),
            ("request", request.map { $0 == .cancel ? "cancel" : "pause" }),
            ("requestedBy", pausedBy.map { .string($0) }),
            ("version", version?.yaml),
            ("replaced", replaced.isEmpty ? nil : .sequence(replaced.map(\.yaml))),
        ])
    }

    fileprivate init(_ field: Field) throws(FieldError) {
        let states = State.allCases.map(\.rawValue).joined(separator: ", ")
        self.init(
            state: try field.required("state").parsed("one of \(states)") { State(rawValue: $0) },
            fingerprint: try field.required("fingerprint").fingerprint(),
            fineTunes: try field.required("fineTunes").names(),
            model: try field.required("model").model(),
            commit: try field.required("commit").text(),
            branch: try field.required("branch").text(),
            holder: try Holder(try field.required("holder")),
            estimate: try field["estimate"].map { field throws(FieldError) in try Estimate(field) },
            attempts: try field.required("attempts").items().map { item throws(FieldError) in try Attempt(item) },
            failure: try field["failure"].map { field throws(FieldError) in try Failure(field) },
            request: try Self.request(field),
            version: try field["version"].map { field throws(FieldError) in try VersionRecord(field) },
            replaced: try field["replaced"]?.items()
                .map { item throws(FieldError) in try VersionRecord(item) } ?? []
        )
    }
}

extension RunEntry {
    private static func request(_ field: Field) throws(FieldError) -> Request? {
        let person = try field["requestedBy"]?.text() ?? "somebody"
        return switch try field["request"]?.text() {
        case "cancel": .cancel
        case "pause": .pause(by: person)
        default: nil
        }
    }
}

extension RunEntry.Holder {
    fileprivate var yaml: YAMLValue {
        .mapping(present: [
            ("id", .of(id)), ("host", .string(host)), ("until", until.map { .of($0) }),
        ])
    }

    fileprivate init(_ field: Field) throws(FieldError) {
        self.init(
            id: HolderID(rawValue: try field.required("id").text()),
            host: try field.required("host").text(),
            until: try field["until"]?.timestamp()
        )
    }
}

extension RunEntry.Attempt {
    fileprivate var yaml: YAMLValue {
        .mapping(present: [
            ("n", .int(number)),
            ("holder", .of(holder)),
            ("backend", .string(backend.rawValue)),
            ("estimate", estimate.yaml),
            ("started", .of(started)),
            ("ended", ended.map { .of($0) }),
            ("outcome", outcome.map { .string($0) }),
            ("cost", cost?.yaml),
        ])
    }

    fileprivate init(_ field: Field) throws(FieldError) {
        self.init(
            number: try field.required("n").int(),
            holder: HolderID(rawValue: try field.required("holder").text()),
            backend: try field.required("backend").backend(),
            estimate: try field["estimate"].map { field throws(FieldError) in try RunEntry.Estimate(field) } ?? .init(),
            started: try field.required("started").timestamp(),
            ended: try field["ended"]?.timestamp(),
            outcome: try field["outcome"]?.text(),
            cost: try field["cost"]?.money()
        )
    }
}

extension RunEntry.Estimate {
    fileprivate var yaml: YAMLValue? {
        guard minutes != nil || cost != nil else { return nil }
        return .mapping(present: [("minutes", minutes.map { .double($0) }), ("cost", cost?.yaml)])
    }

    fileprivate init(_ field: Field) throws(FieldError) {
        self.init(minutes: try field["minutes"]?.number(), cost: try field["cost"]?.money())
    }
}

extension RunEntry.Failure {
    fileprivate init(_ field: Field) throws(FieldError) {
        self.init(kind: try field.required("class").text(), message: try field.required("message").text())
    }
}
