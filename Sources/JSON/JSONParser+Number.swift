//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

extension JSONParser {
    mutating func number() throws(JSONError) -> JSONNumber {
        let start = index
        if current == UInt8(ascii: "-") {
            index += 1
            try whole("expected a digit after '-'")
        } else {
            try whole("expected a value")
        }
        if current == UInt8(ascii: ".") {
            index += 1
            try digits("expected a digit after '.'")
        }
        if current == UInt8(ascii: "e") || current == UInt8(ascii: "E") {
            index += 1
            if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { index += 1 }
            try digits("expected a digit in the exponent")
        }
        return JSONNumber(literal: String(decoding: bytes[start..<index], as: UTF8.self))
    }

    private mutating func whole(_ message: String) throws(JSONError) {
        guard current == UInt8(ascii: "0") else { return try digits(message) }
        index += 1
        if let byte = current, (0x30...0x39).contains(byte) { throw error("a number has no zero in front") }
    }

    private mutating func digits(_ message: String) throws(JSONError) {
        let start = index
        while index < end {
            let byte = bytes[index]
            guard byte >= 0x30, byte <= 0x39 else { break }
            index += 1
        }
        if start == index { throw error(message) }
    }
}
