//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import FtopsTestSupport
import JSON

/// Random JSON texts, and texts that are nearly JSON.
struct RandomDocument {
    private var generator: SeededGenerator

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    mutating func document() -> String { space() + value(depth: 0) + space() }

    /// A document with a few of its bytes changed, dropped or doubled; often no JSON any more.
    mutating func mutation() -> [UInt8] {
        var bytes = Array(document().utf8)
        let alphabet =
            Array("{}[]\",:\\/u0123456789abtrue-+.eE ".utf8) + [0x00, 0x1F, 0x7F, 0x80, 0xC3, 0xE2, 0xF0, 0xFF]
        for _ in 0..<Int.random(in: 1...3, using: &generator) where !bytes.isEmpty {
            let place = Int.random(in: bytes.indices, using: &generator)
            switch Int.random(in: 0..<4, using: &generator) {
            case 0: bytes.remove(at: place)
            case 1: bytes.insert(generator.pick(alphabet), at: place)
            case 2: bytes.removeSubrange(place...)
            default: bytes[place] = generator.pick(alphabet)
            }
        }
        return bytes.filter { $0 != 0x0A }
    }

    private mutating func space() -> String { generator.pick(["", "", "", " ", "\t", "\r", "  "]) }

    private mutating func value(depth: Int) -> String {
        switch Int.random(in: 0..<(depth > 4 ? 5 : 8), using: &generator) {
        case 0: generator.pick(["null", "true", "false"])
        case 1, 2: number()
        case 3, 4: string()
        case 5, 6: list("{", "}") { document in document.string() + ":" + document.item(depth) }
        default: list("[", "]") { document in document.item(depth) }
        }
    }

    private mutating func item(_ depth: Int) -> String { space() + value(depth: depth + 1) + space() }

    private mutating func list(_ open: String, _ close: String, _ item: (inout RandomDocument) -> String) -> String {
        let count = Int.random(in: 0...4, using: &generator)
        let items = (0..<count).map { _ in item(&self) }
        return open + items.joined(separator: ",") + close
    }

    private mutating func number() -> String {
        let sign = generator.pick(["", "-"])
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: return sign + String(generator.next() >> UInt64.random(in: 0..<64, using: &generator))
        case 1: return CanonicalJSON.text(of: Double(bitPattern: generator.next()).finite)
        case 2:
            let fraction = String(generator.next() % 100_000)
            return sign + "\(generator.next() % 10).\(fraction)"
        default:
            let power = Int.random(in: -340...330, using: &generator)
            return sign + "\(generator.next() % 1000)" + generator.pick(["e", "E"]) + "\(power)"
        }
    }

    private mutating func string() -> String {
        let count = Int.random(in: 0...10, using: &generator)
        return "\"" + (0..<count).map { _ in character() }.joined() + "\""
    }

    private mutating func character() -> String {
        switch Int.random(in: 0..<5, using: &generator) {
        case 0: return generator.pick(["\\\"", "\\\\", "\\/", "\\b", "\\f", "\\n", "\\r", "\\t"])
        case 1: return generator.pick(["\\u0041", "\\u00e9", "\\u00E9", "\\ud83d\\ude00", "\\uDBFF\\uDFFF", "\\u0000"])
        case 2:
            let scalar = UnicodeScalar(UInt32.random(in: 0x80...0x10FFFF, using: &generator)) ?? "é"
            return String(Character(scalar))
        default:
            let scalar = UnicodeScalar(UInt8.random(in: 0x20...0x7F, using: &generator))
            return scalar == "\"" || scalar == "\\" ? "x" : String(Character(scalar))
        }
    }
}

extension Double {
    fileprivate var finite: Double { isFinite ? self : 1.5 }
}
