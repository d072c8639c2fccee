//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// JSON text for people and for files: members in their order, compact or indented.
package enum JSONText {
    /// One line without white space, members in their order.
    package static func compact(_ value: JSONValue) -> String {
        var out: [UInt8] = []
        write(value, indent: nil, level: 0, to: &out)
        return String(decoding: out, as: UTF8.self)
    }

    /// Indented by two spaces, with a line feed at the end.
    package static func pretty(_ value: JSONValue) -> String {
        var out: [UInt8] = []
        write(value, indent: 2, level: 0, to: &out)
        out.append(UInt8(ascii: "\n"))
        return String(decoding: out, as: UTF8.self)
    }

    /// Appends a string with its quotes, escaped as RFC 8785 section 3.2.2.2 asks.
    package static func writeString(_ text: String, to out: inout [UInt8]) {
        out.append(UInt8(ascii: "\""))
        out.appendEscaped(text.utf8Span.span)
        out.append(UInt8(ascii: "\""))
    }

    package static func writeEscape(of byte: UInt8, to out: inout [UInt8]) {
        out.append(UInt8(ascii: "\\"))
        switch byte {
        case 0x22, 0x5C: out.append(byte)
        case 0x08: out.append(UInt8(ascii: "b"))
        case 0x09: out.append(UInt8(ascii: "t"))
        case 0x0A: out.append(UInt8(ascii: "n"))
        case 0x0C: out.append(UInt8(ascii: "f"))
        case 0x0D: out.append(UInt8(ascii: "r"))
        default: out.append(contentsOf: "u00\(byte < 16 ? "0" : "")\(String(byte, radix: 16))".utf8)
        }
    }

    private static func write(_ value: JSONValue, indent: Int?, level: Int, to out: inout [UInt8]) {
        switch value {
        case .null: out.append(contentsOf: "null".utf8)
        case .bool(let value): out.append(contentsOf: (value ? "true" : "false").utf8)
        case .number(let number): out.append(contentsOf: number.literal.utf8)
        case .string(let text): writeString(text, to: &out)
        case .array(let elements):
            writeList(elements, open: "[", close: "]", indent: indent, level: level, to: &out) { element, out in
                write(element, indent: indent, level: level + 1, to: &out)
            }
        case .object(let object):
            writeList(object.members, open: "{", close: "}", indent: indent, level: level, to: &out) { member, out in
                writeString(member.key, to: &out)
                out.append(contentsOf: (indent == nil ? ":" : ": ").utf8)
                write(member.value, indent: indent, level: level + 1, to: &out)
            }
        }
    }

    private static func writeList<Element>(
        _ elements: [Element],
        open: String,
        close: String,
        indent: Int?,
        level: Int,
        to out: inout [UInt8],
        element: (Element, inout [UInt8]) -> Void
    ) {
        out.append(contentsOf: open.utf8)
        for (index, item) in elements.enumerated() {
            if index > 0 { out.append(UInt8(ascii: ",")) }
            breakLine(indent, level + 1, &out)
            element(item, &out)
        }
        if !elements.isEmpty { breakLine(indent, level, &out) }
        out.append(contentsOf: close.utf8)
    }

    private static func breakLine(_ indent: Int?, _ level: Int, _ out: inout [UInt8]) {
        guard let indent else { return }
        out.append(UInt8(ascii: "\n"))
        out.append(contentsOf: repeatElement(UInt8(ascii: " "), count: indent * level))
    }
}
