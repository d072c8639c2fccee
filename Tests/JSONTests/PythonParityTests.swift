//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import FtopsTestSupport
import JSON
import Testing

@Suite("JSON is read as Python's json reads it", .enabled(if: Python.isPresent, "needs python3"))
struct PythonParityTests {
    private static let seeds: [UInt64] = [1, 42, 20_261_123]

    /// Values as text that leaves no doubt: strings and keys by their bytes, numbers by their bits.
    private static let script = """
        import json, struct, sys
        def show(value):
            if value is None: return "n"
            if value is True: return "t"
            if value is False: return "f"
            if isinstance(value, str): return "s" + value.encode().hex()
            if isinstance(value, int): return "i" + str(value)
            if isinstance(value, float): return "d" + struct.pack(">d", value).hex()
            if isinstance(value, list): return "[" + ",".join(map(show, value)) + "]"
            return "{" + ",".join(show(k) + ":" + show(v) for k, v in value.items()) + "}"
        def constant(name): raise ValueError(name)
        for line in sys.stdin.buffer.read().split(b"\\n")[:-1]:
            try: print(show(json.loads(line.decode(), parse_constant=constant)))
            except ValueError: print("error")
        """

    private static func show(_ value: JSONValue) -> String {
        switch value {
        case .null: "n"
        case .bool(let value): value ? "t" : "f"
        case .string(let text): "s" + hex(text)
        case .number(let number) where number.isInteger: "i" + (number.literal == "-0" ? "0" : number.literal)
        case .number(let number): "d" + padded(String(number.double.bitPattern, radix: 16))
        case .array(let elements): "[" + elements.map(show).joined(separator: ",") + "]"
        case .object(let object):
            "{" + object.members.map { "s" + hex($0.key) + ":" + show($0.value) }.joined(separator: ",") + "}"
        }
    }

    private static func hex(_ text: String) -> String {
        text.utf8.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    private static func padded(_ digits: String) -> String {
        String(repeating: "0", count: 16 - digits.count) + digits
    }

    @Test("random documents have the same values", arguments: seeds)
    func documents(_ seed: UInt64) throws {
        var random = RandomDocument(seed: seed)
        let documents = (0..<400).map { _ in random.document() }
        let expected = try Python.run(Self.script, on: documents)
        for (document, expected) in zip(documents, expected) {
            #expect(try Self.show(JSONParser.parse(document)) == expected, "seed \(seed): \(document)")
        }
    }

    @Test("what is written is read back by Python as it was", arguments: seeds)
    func roundTrips(_ seed: UInt64) throws {
        var random = RandomDocument(seed: seed &+ 1)
        let values = try (0..<200).map { _ in try JSONParser.parse(random.document()) }
        let made = try Python.run(Self.script, on: values.map(JSONText.compact))
        #expect(made == values.map(Self.show), "seed \(seed)")
    }

    @Test("documents with broken bytes are refused by both, or have the same values", arguments: seeds)
    func mutations(_ seed: UInt64) throws {
        var random = RandomDocument(seed: seed &+ 2)
        let documents = (0..<600).map { _ in random.mutation() }
        let expected = try Python.run(Self.script, on: documents.flatMap { $0 + [0x0A] })
        for (document, expected) in zip(documents, expected) {
            let ours = (try? JSONParser.parse(document[...])).map(Self.show) ?? "error"
            #expect(ours == expected, "seed \(seed): \(String(decoding: document, as: UTF8.self))")
        }
    }
}
