//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Resources
import YAML

extension NodeDecoder {
    mutating func baseModel(_ spec: Field) -> BaseModel? {
        guard let fields = fields(spec) else { return nil }
        _ = choice(in: fields)
        return BaseModel(
            identity: filledText(fields["identity"]),
            parameters: size(fields["parameters"]),
            context: integer(fields["context"]),
            license: filledText(fields["license"]),
            node: node(fields["node"]),
            replicate: replicate(fields["replicate"])
        )
    }

    private mutating func node(_ field: Field?) -> BaseModel.Node? {
        guard let fields = fields(field) else { return nil }
        let hardware = hardware(fields["hardware"])
        let source: BaseModel.NodeSource? =
            switch choice(in: fields) {
            case "huggingface": huggingFace(fields)
            case "path": folder(fields["path"]).map { .path($0) }
            case "python": python(fields["python"])
            default: nil
            }
        return source.map { BaseModel.Node(source: $0, hardware: hardware) }
    }

    private mutating func folder(_ field: Field?) -> String? {
        guard let field, let text = filledText(field) else { return nil }
        return text.hasPrefix("/") ? text : repositoryPath(text, at: field)
    }

    private mutating func huggingFace(_ fields: Fields) -> BaseModel.NodeSource? {
        let revisionField = required("revision", in: fields)
        guard let field = fields["huggingface"], let id = text(field) else { return nil }
        guard ModelName(id) != nil else {
            report(.badValue, "`\(field.name)` takes owner/name, found `\(excerpt(id))`", at: field.node)
            return nil
        }
        guard let revisionField, let revision = text(revisionField) else { return nil }
        guard isHexadecimal(revision[...], count: 40) else {
            let isShort =
                (7..<40).contains(revision.utf8.count) && isHexadecimal(revision[...], count: revision.utf8.count)
            let isName = ResourceName.isValid(revision)
            let command = "git ls-remote https://huggingface.co/\(id) \(isName ? revision : "HEAD")"
            let message = "`\(excerpt(revision))` can move: pin a commit of 40 hexadecimal digits"
            report(
                .unpinnedRevision,
                message,
                at: revisionField.node,
                notes: [isShort ? "write all 40 digits of it" : "`\(command)` prints it"]
            )
            return nil
        }
        return .huggingFace(id: id, revision: revision)
    }

    private mutating func python(_ field: Field?) -> BaseModel.NodeSource? {
        guard let field, let text = text(field) else { return nil }
        let parts = text.split(separator: "=", omittingEmptySubsequences: false).map(String.init)
        let isPinned = parts.count == 3 && parts[1].isEmpty && ResourceName.isValid(parts[0]) && isVersion(parts[2])
        if isPinned { return .python(package: parts[0], version: parts[2]) }
        report(.badValue, "`\(field.name)` takes package==version, found `\(excerpt(text))`", at: field.node)
        return nil
    }

    private func isVersion(_ text: String) -> Bool {
        let isAllowed: (UInt8) -> Bool = { byte in
            (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte)
                || "ABCDEFGHIJKLMNOPQRSTUVWXYZ.!+_-".utf8.contains(byte)
        }
        return !text.isEmpty && text.utf8.count <= 100 && text.utf8.allSatisfy(isAllowed)
    }

    private mutating func replicate(_ field: Field?) -> BaseModel.Replicate? {
        guard let fields = fields(field) else { return nil }
        let hardware = hardware(fields["hardware"])
        guard let version = fields["version"], let text = text(version) else { return nil }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        let isPinned = parts.count == 2 && ModelName(String(parts[0])) != nil && isHexadecimal(parts[1], count: 64)
        guard isPinned else {
            let expected = "owner/name:version with the 64 hexadecimal digits of the version"
            report(.badValue, "`\(version.name)` takes \(expected), found `\(excerpt(text))`", at: version.node)
            return nil
        }
        return BaseModel.Replicate(version: text, hardware: hardware)
    }

    private mutating func hardware(_ field: Field?) -> BaseModel.Hardware? {
        guard let fields = fields(field) else { return nil }
        return BaseModel.Hardware(
            name: filledText(fields["name"]),
            gpus: integer(fields["gpus"]),
            tokensPerSecond: number(fields["tokens_per_second"]),
            startup: duration(fields["startup"]),
            pricePerMinute: money(fields["price_per_minute"])
        )
    }

    private func isHexadecimal(_ text: Substring, count: Int) -> Bool {
        text.utf8.count == count && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }
}
