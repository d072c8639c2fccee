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
        guard let fields = fields(spec), let kind = choice(in: fields) else { return nil }
        let sha256 = digest(fields["sha256"])
        let validation = validation(fields["validation"], of: name)
        let format = choice(fields["format"], RowFormat.self)
        let filter = filledText(fields["filter"])
        let dedupe = dedupe(fields["dedupe"])
        let shuffle = self.fields(fields["shuffle"]).map { shuffle in
            integer(shuffle["seed"]) ?? Self.standardSeed
        }
        let limit = integer(fields["limit"])
        let own = source(fields["source"], of: name, pin: fields["sha256"])
        guard let source = kind == "mix" ? mix(fields["mix"]) : own else { return nil }
        var dataset = Dataset(source: source, sha256: sha256, validation: validation)
        dataset.format = format
        (dataset.filter, dataset.dedupe, dataset.shuffle, dataset.limit) = (filter, dedupe, shuffle, limit)
        return dataset
    }

    private mutating func mix(_ field: Field?) -> Dataset.Source? {
        guard let field else { return nil }
        let parts = list(field) { decoder, element -> Dataset.MixPart? in
            guard let fields = decoder.fields(element), let use = decoder.reference(fields["use"]) else { return nil }
            return Dataset.MixPart(dataset: use, weight: decoder.number(fields["weight"]))
        }
        guard let parts else { return nil }
        if parts.isEmpty { report(.badValue, "`mix` names at least one dataset", at: field.node) }
        let weighted = parts.filter { $0.weight != nil }.count
        if weighted > 0, weighted < parts.count {
            report(.conflictingFields, "`mix` takes a `weight` for all datasets or for none", at: field.node)
        } else if Set(parts.map(\.dataset)).count < parts.count {
            let notes = ["a `weight` says how often its rows come"]
            report(.badValue, "`mix` names a dataset twice, whose rows would come twice", at: field.node, notes: notes)
        }
        return .mix(parts)
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
        return number(fields(field)?["near"]).map { .near($0) }
    }

    private mutating func validation(_ field: Field?, of name: String?) -> Dataset.Validation? {
        guard let fields = fields(field), let choice = choice(in: fields) else { return nil }
        let seed = integer(fields["seed"]) ?? Self.standardSeed
        let sha256 = digest(fields["sha256"])
        switch choice {
        case "fraction": return number(fields["fraction"]).map { .fraction($0, seed: seed) }
        case "rows": return integer(fields["rows"]).map { .rows($0, seed: seed) }
        default:
            return source(fields["source"], of: name, pin: fields["sha256"]).map { .source($0, sha256: sha256) }
        }
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

    /// Bytes that a path has at most, as for the system.
    private static let pathLimit = 4096

    /// A path that stays in the repository.
    mutating func repositoryPath(_ text: String, at field: Field) -> String? {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        let names = parts.filter { !$0.isEmpty && $0 != "." }
        let isInside = !text.hasPrefix("/") && !names.contains("..") && !text.contains("\0") && !names.isEmpty
        if isInside, text.utf8.count <= Self.pathLimit { return names.joined(separator: "/") }
        report(.badValue, "`\(field.name)` takes a path from the top of the repository, without `..`", at: field.node)
        return nil
    }
}
