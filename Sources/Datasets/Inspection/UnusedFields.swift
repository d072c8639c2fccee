//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import JSON
internal import Packing

/// The fields of a source's first rows that have something in them and are not rendered.
struct UnusedFields: Sendable {
    /// Their names, in the order in which they come.
    private(set) var names: [String] = []
    /// Lines that were looked at.
    private var lines = 0

    /// Lines that are looked at.
    private static let sampled = 100

    /// Looks at the next lines, if they are among the first.
    mutating func add(_ block: LineBlock, _ template: CompiledTemplate?) {
        let left = Self.sampled - lines
        guard left > 0 else { return }
        for line in block.split(separator: UInt8(ascii: "\n"), maxSplits: left).prefix(left) {
            lines += 1
            guard let fields = (try? JSONParser.parse(line))?.object else { continue }
            for member in fields.members where !Self.isUsed(member.key, template) {
                let isEmpty = member.value == .null || member.value.string?.isEmpty ?? false
                if !isEmpty, !names.contains(where: member.key.isIdentical) { names.append(member.key) }
            }
        }
    }

    private static func isUsed(_ field: String, _ template: CompiledTemplate?) -> Bool {
        guard let template else { return RowIdentity.plain.contains(field) }
        return (template.promptFields + template.completionFields).contains(where: field.isIdentical)
    }
}

extension UnusedFields: Packable {
    func pack(to packer: inout Packer) {
        packer.list(names) { $0.text($1) }
        packer.int(lines)
    }

    init(from unpacker: inout Unpacker) throws(PackingError) {
        names = try unpacker.list { unpacker throws(PackingError) in try unpacker.text() }
        lines = try unpacker.int()
    }
}
