//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// Cuts a JSON array into its elements; what is in them is for who reads the rows.
struct JSONArrayDecoder: RowDecoder {
    private enum State {
        case start
        /// Where an element or, before the first, the end is expected.
        case elementOrEnd
        case element
        case separatorOrEnd
        case end
        /// Something is wrong, and no more is read.
        case broken
    }

    private let file: String
    private var state = State.start
    private var depth = 0
    private var isInString = false
    private var isEscaped = false
    private var element: [UInt8] = []
    private var line = 1
    private var elementLine = 1
    private var hasElements = false

    init(file: String) { self.file = file }

    mutating func decode(_ bytes: [UInt8], to out: inout DecodedLines) throws(DatasetError) {
        for byte in bytes {
            if state == .broken { return }
            try take(byte, to: &out)
            if byte == 0x0A { line += 1 }
        }
    }

    private mutating func take(_ byte: UInt8, to out: inout DecodedLines) throws(DatasetError) {
        if state == .element { return try takeInElement(byte, to: &out) }
        if byte == 0x20 || (0x09...0x0D).contains(byte) { return }
        switch (state, byte) {
        case (.start, UInt8(ascii: "[")): state = .elementOrEnd
        case (.separatorOrEnd, UInt8(ascii: ",")): state = .elementOrEnd
        case (.separatorOrEnd, UInt8(ascii: "]")): state = .end
        case (.elementOrEnd, UInt8(ascii: "]")) where !hasElements: state = .end
        case (.elementOrEnd, UInt8(ascii: ",")), (.elementOrEnd, UInt8(ascii: "]")):
            breakOff("an element is missing before `\(Character(UnicodeScalar(byte)))`", to: &out)
        case (.elementOrEnd, _):
            (state, elementLine, hasElements) = (.element, line, true)
            try takeInElement(byte, to: &out)
        case (.start, _): breakOff("the array's `[` is missing; of an object a line say `format: jsonl`", to: &out)
        case (.end, _): breakOff("there is something behind the array's end", to: &out)
        default: breakOff("expected `,` or `]` between two elements", to: &out)
        }
    }

    private mutating func takeInElement(_ byte: UInt8, to out: inout DecodedLines) throws(DatasetError) {
        if isInString {
            // A line feed in a string is wrong JSON, and has to stay so: as another control character.
            element.append(byte == 0x0A ? 0x01 : byte)
            if isEscaped {
                isEscaped = false
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else if byte == UInt8(ascii: "\"") {
                isInString = false
            }
            return try checkSize()
        }
        switch byte {
        case UInt8(ascii: "\""): isInString = true
        case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
        case UInt8(ascii: "}"), UInt8(ascii: "]"), UInt8(ascii: ","):
            if depth == 0, byte != UInt8(ascii: "}") {
                endElement(to: &out)
                return try take(byte, to: &out)
            }
            if byte != UInt8(ascii: ",") { depth = max(0, depth - 1) }
        default: break
        }
        element.append(byte == 0x0A || byte == 0x0D ? 0x20 : byte)
        try checkSize()
    }

    private func checkSize() throws(DatasetError) {
        guard element.count > LineReader.lineLimit else { return }
        let limit = LineReader.lineLimit >> 20
        throw DatasetError(.badRows, "\(file):\(elementLine): an element is longer than \(limit) MiB")
    }

    private mutating func endElement(to out: inout DecodedLines) {
        out.bytes.append(contentsOf: element)
        out.endRow(from: elementLine)
        element.removeAll(keepingCapacity: true)
        state = .separatorOrEnd
    }

    private mutating func breakOff(_ reason: String, to out: inout DecodedLines) {
        state = .broken
        out.appendMark("not JSON: \(reason)", [], from: line)
    }

    mutating func finish(to out: inout DecodedLines) throws(DatasetError) {
        guard state != .end, state != .broken else { return }
        out.appendMark("the file ends inside of the array: it was cut off", element, from: elementLine)
    }
}
