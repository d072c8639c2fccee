//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Resources
import YAML

extension NodeDecoder {
    /// The seed where none is given; part of the data's meaning, so it never changes.
    private static let standardSeed = 42

    mutating func dataset(_ spec: Field, named name: String?) -> Dataset? {
        let known = ["source", "sha256", "filter", "dedupe", "shuffle", "limit", "validation"]
        guard let fields = fields(spec, known: known) else { return nil }
        let sha256 = digest(fields["sha256"])
        let validation = validation(fields["validation"], of: name)
        let filter = filledText(fields["filter"])
        let dedupe = dedupe(fields["dedupe"])
        let shuffle = self.fields(fields["shuffle"], known: ["seed"]).map { shuffle in
            integer(shuffle["seed"], in: 0...Int(Int32.max)) ?? Self.standardSeed
        }
        let limit = integer(fields["limit"], in: 1...Int(Int32.max))
        guard let source = source(required("source", in: fields), of: name, pin: fields["sha256"]) else { return nil }
        var dataset = Dataset(source: source, sha256: sha256, validation: validation)
        (dataset.filter, dataset.dedupe, dataset.shuffle, dataset.limit) = (filter, dedupe, shuffle, limit)
        return dataset
    }

    /// `exact`, or `{near: 0.8}`.
    private mutating func dedupe(_ field: Field?) -> Dataset.Dedupe? {
        guard let field else { return nil }
        guard field.node.mapping != nil else {
            guard let text = text(field) else { return nil }
            if text == "exact" { return .exact }
            let message = "`dedupe` takes `exact` or `{near: …}`, found `\(excerpt(text))`"
            let notes = ["`{near: 0.8}` also leaves out rows that are nearly the same"]
            report(.badValue, message, at: field.node, notes: notes)
            return nil
        }
        guard let fields = fields(field, known: ["near"]), let near = required("near", in: fields),
            let value = finiteNumber(near)
        else { return nil }
        if value >= 0.5, value <= 1 { return .near(value) }
        let found = excerpt(near.node.scalar?.text ?? "")
        report(.outOfRange, "`\(near.name)` must be between 0.5 and 1, found \(found)", at: near.node)
        return nil
    }

    private mutating func validation(_ field: Field?, of name: String?) -> Dataset.Validation? {
        guard let fields = fields(field, known: ["fraction", "rows", "source", "seed", "sha256"]),
            let choice = exactlyOne(
                of: ["fraction", "rows", "source"],
                in: fields,
                "`validation` says which rows validate"
            )
        else { return nil }
        let seed = integer(fields["seed"], in: 0...Int(Int32.max)) ?? Self.standardSeed
        let sha256 = digest(fields["sha256"])
        if choice != "source", let pin = fields["sha256"]?.key {
            report(.conflictingFields, "`validation.sha256` goes with `source`", at: pin)
        }
        switch choice {
        case "fraction": return fraction(fields["fraction"]).map { .fraction($0, seed: seed) }
        case "rows": return integer(fields["rows"], in: 1...Int(Int32.max)).map { .rows($0, seed: seed) }
        default:
            if let seed = fields["seed"]?.key {
                report(.conflictingFields, "`seed` goes with `fraction` or `rows`; a source has its rows", at: seed)
            }
            return source(fields["source"], of: name, pin: fields["sha256"]).map { .source($0, sha256: sha256) }
        }
    }

    private mutating func fraction(_ field: Field?) -> Double? {
        guard let field, let value = finiteNumber(field) else { return nil }
        if value > 0, value < 1 { return value }
        let found = excerpt(field.node.scalar?.text ?? "")
        report(.outOfRange, "`\(field.name)` must be more than 0 and less than 1, found \(found)", at: field.node)
        return nil
    }

    private mutating func source(_ field: Field?, of name: String?, pin: Field?) -> Dataset.Source? {
        guard let field, let text = filledText(field) else { return nil }
        guard Self.scheme(text) != nil else { return repositoryPath(text, at: field).map { .path($0) } }
        do throws(RemoteSource.Problem) {
            let remote = try RemoteSource(text)
            if pin == nil { reportUnpinned(field, of: name) }
            return .remote(remote)
        } catch {
            if error.isSecret {
                secretInTheClear(field, "`\(field.name)` \(error.message); \(error.note)")
            } else {
                report(.badValue, "`\(field.name)` \(error.message)", at: field.node, notes: [error.note])
            }
            return nil
        }
    }

    private mutating func reportUnpinned(_ field: Field, of name: String?) {
        let command = "`ftops data update \(name.map { excerpt($0) } ?? "NAME")`"
        reportGap(
            .unpinnedSource,
            "`\(field.name)` lies elsewhere, so `sha256` has to say which bytes are meant",
            at: field.node,
            notes: ["\(command) downloads it and writes the digest here"]
        )
    }

    static func scheme(_ text: String) -> String? {
        guard let colon = text.firstIndex(of: ":"), text[colon...].hasPrefix("://") else { return nil }
        return text[..<colon].lowercased()
    }

    /// A path that stays in the repository.
    mutating func repositoryPath(_ text: String, at field: Field) -> String? {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        let names = parts.filter { !$0.isEmpty && $0 != "." }
        let isInside = !text.hasPrefix("/") && !names.contains("..") && !text.contains("\0") && !names.isEmpty
        if isInside { return names.joined(separator: "/") }
        report(.badValue, "`\(field.name)` takes a path from the top of the repository, without `..`", at: field.node)
        return nil
    }
}
