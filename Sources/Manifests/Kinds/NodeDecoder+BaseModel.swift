//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Resources
import YAML

extension NodeDecoder {
    mutating func baseModel(_ spec: Field, named name: String?) -> BaseModel? {
        guard let fields = fields(spec) else { return nil }
        _ = choice(in: fields)
        return BaseModel(
            identity: filledText(fields["identity"]),
            parameters: size(fields["parameters"]),
            context: integer(fields["context"]),
            license: filledText(fields["license"]),
            node: node(fields["node"], of: name),
            replicate: replicate(fields["replicate"], of: name)
        )
    }

    private mutating func node(_ field: Field?, of name: String?) -> BaseModel.Node? {
        guard let fields = fields(field) else { return nil }
        let hardware = hardware(fields["hardware"])
        let source: BaseModel.NodeSource? =
            switch choice(in: fields) {
            case "huggingface": huggingFace(fields, of: name)
            case "path": folder(fields["path"]).map { .path($0) }
            case "python": python(fields["python"], of: name)
            default: nil
            }
        return source.map { BaseModel.Node(source: $0, hardware: hardware) }
    }

    private mutating func folder(_ field: Field?) -> String? {
        guard let field, let text = filledText(field) else { return nil }
        return text.hasPrefix("/") ? text : repositoryPath(text, at: field)
    }

    private mutating func huggingFace(_ fields: Fields, of name: String?) -> BaseModel.NodeSource? {
        guard let field = fields["huggingface"], let id = text(field) else { return nil }
        guard ModelName(id) != nil else {
            report(.badValue, "`\(field.name)` takes owner/name, found `\(excerpt(id))`", at: field.node)
            return nil
        }
        guard let revisionField = fields["revision"] else {
            let message = "`\(field.name)` can move: `revision` has to say which commit is meant"
            reportUnpinned(message, at: field, of: name)
            return .huggingFace(id: id, revision: "")
        }
        guard let revision = text(revisionField) else { return nil }
        if BaseModel.isCommit(revision) { return .huggingFace(id: id, revision: revision) }
        let message = "`\(excerpt(revision))` can move: pin a commit of 40 hexadecimal digits"
        // What may be the beginning of a commit, or is no name at all, is nothing to ask a host for.
        let isShort = (7..<40).contains(revision.utf8.count) && revision.utf8.allSatisfy(isDigit)
        guard !isShort, ResourceName.isValid(revision) else {
            let notes = isShort ? ["write all 40 digits of it"] : []
            report(.unpinnedRevision, message, at: revisionField.node, notes: notes)
            return nil
        }
        reportUnpinned(message, at: revisionField, of: name)
        return .huggingFace(id: id, revision: revision)
    }

    private mutating func reportUnpinned(_ message: String, at field: Field, of name: String?) {
        let command = "`ftops bases update \(name.map { excerpt($0) } ?? "NAME")`"
        reportGap(.unpinnedRevision, message, at: field.node, notes: ["\(command) asks its host and writes it here"])
    }

    private mutating func python(_ field: Field?, of name: String?) -> BaseModel.NodeSource? {
        guard let field, let text = text(field) else { return nil }
        let parts = text.split(separator: "=", omittingEmptySubsequences: false).map(String.init)
        let isPinned = parts.count == 3 && parts[1].isEmpty && ResourceName.isValid(parts[0]) && isVersion(parts[2])
        if isPinned { return .python(package: parts[0], version: parts[2]) }
        let message = "`\(field.name)` takes package==version, found `\(excerpt(text))`"
        guard ResourceName.isValid(text) else {
            report(.badValue, message, at: field.node)
            return nil
        }
        reportUnpinned(message, at: field, of: name)
        return .python(package: text, version: "")
    }

    private func isVersion(_ text: String) -> Bool {
        let isAllowed: (UInt8) -> Bool = { byte in
            (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte)
                || "ABCDEFGHIJKLMNOPQRSTUVWXYZ.!+_-".utf8.contains(byte)
        }
        return !text.isEmpty && text.utf8.count <= 100 && text.utf8.allSatisfy(isAllowed)
    }

    private mutating func replicate(_ field: Field?, of name: String?) -> BaseModel.Replicate? {
        guard let fields = fields(field) else { return nil }
        let hardware = hardware(fields["hardware"])
        guard let version = fields["version"], let text = text(version) else { return nil }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        let isPinned =
            parts.count == 2 && ModelName(String(parts[0])) != nil && parts[1].utf8.count == 64
            && parts[1].utf8.allSatisfy(isDigit)
        guard !isPinned else { return BaseModel.Replicate(version: text, hardware: hardware) }
        let expected = "owner/name:version with the 64 hexadecimal digits of the version"
        let message = "`\(version.name)` takes \(expected), found `\(excerpt(text))`"
        guard ModelName(text) != nil else {
            report(.badValue, message, at: version.node)
            return nil
        }
        reportUnpinned(message, at: version, of: name)
        return BaseModel.Replicate(version: text, hardware: hardware)
    }

    private mutating func hardware(_ field: Field?) -> BaseModel.Hardware? {
        guard let fields = fields(field) else { return nil }
        return BaseModel.Hardware(
            name: filledText(fields["name"]),
            gpus: integer(fields["gpus"]),
            memory: memory(fields["memory"]),
            tokensPerSecond: number(fields["tokens_per_second"]),
            startup: duration(fields["startup"]),
            pricePerMinute: money(fields["price_per_minute"])
        )
    }

    private func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte) }
}
