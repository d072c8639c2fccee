//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Compression
import FtopsTestSupport
import Resources
import Testing

@testable import Datasets

@Suite("Formats of rows")
struct FormatTests {
    private static let template = Template(form: .text("{a}|{b}"))

    private static func texts(
        _ bytes: [UInt8],
        named name: String,
        _ format: RowFormat? = nil,
        chunk: Int = 7,
        limits: DecodingLimits = DecodingLimits()
    ) throws -> [String] {
        let raw = RowSource(name: name) {
            var rest = bytes[...]
            return {
                guard !rest.isEmpty else { return nil }
                defer { rest = rest.dropFirst(chunk) }
                return Array(rest.prefix(chunk))
            }
        }
        let source = try raw.decoded(format, by: RowReading(limits: limits))
        let dataset = Dataset(source: .path(name))
        let rendered = try DatasetRenderer(dataset, template: CompiledTemplate(template)).render(source)
        #expect(rendered.sourceDigest == ContentDigest(rawValue: try Python.sha256(of: bytes)))
        return try rendered.train.rows().map { row in if case .text(let text) = row { text } else { "" } }
    }

    private static func texts(_ text: String, named name: String, _ format: RowFormat? = nil) throws -> [String] {
        try texts(Array(text.utf8), named: name, format)
    }

    private static func gzip(_ text: String) throws -> [UInt8] {
        let script = "import gzip, sys; print(gzip.compress(sys.stdin.buffer.read(), mtime=0).hex())"
        return try bytes(hex: Python.run(script, on: Array(text.utf8)).first ?? "")
    }

    private static func bytes(hex: String) -> [UInt8] {
        stride(from: 0, to: hex.utf8.count, by: 2).compactMap { UInt8(hex.dropFirst($0).prefix(2), radix: 16) }
    }

    /// A frame of zstd of one block that is stored as it is.
    private static func zstd(_ text: String) -> [UInt8] {
        let size = UInt32(text.utf8.count)
        let block = size << 3 | 1
        return [0x28, 0xB5, 0x2F, 0xFD, 0xA0] + (0..<4).map { UInt8(truncatingIfNeeded: size >> (8 * $0)) }
            + (0..<3).map { UInt8(truncatingIfNeeded: block >> (8 * $0)) } + Array(text.utf8)
    }

    @Test(
        "of CSV and TSV are texts, as RFC 4180 and spreadsheets write them",
        arguments: [
            ("x.csv", "a,b\n1,2\nx y,\"q\"\n", ["1|2", "x y|q"]),
            ("x.csv", "\u{FEFF}a,b\r\n\"1,2\",\"say \"\"hi\"\"\"\r\n\r\n3,\r\n", ["1,2|say \"hi\"", "3|"]),
            ("x.csv", "b,a\n2,1", ["1|2"]), ("x.csv", "a;b\n1,5;2\n", ["1,5|2"]),
            ("x.csv", "a,b\n\"two\nlines\",é\n5\" disk,x\n", ["two\nlines|é", "5\" disk|x"]),
            ("x.csv", "a,b\r1,2\r3,4\r", ["1|2", "3|4"]), ("x.tsv", "a\tb\n1,0\t\"2\t\"\n", ["1,0|2\t"]),
            ("x.csv", "\"a\",\"b\"\n\"\",\"\\n\"\n", ["|\\n"]), ("x.CSV", "a,b\n007,1e5\n", ["007|1e5"]),
        ]
    )
    func separated(name: String, text: String, expected: [String]) throws {
        for chunk in [1, 3, 1000] { #expect(try Self.texts(Array(text.utf8), named: name, chunk: chunk) == expected) }
    }

    @Test(
        "of JSON are an array, or lines whatever the file is called",
        arguments: [
            ("x.json", #"[{"a":1,"b":"x"},{"a":true,"b":null}]"#, ["1|x", "True|None"]),
            (
                "x.jsonl", "\n [ {\"a\": \"]},[\",\n \"b\": \"\\\"\"} , {\n\"b\":2.0, \"a\":\"\\\\\"}\n]\n",
                ["]},[|\"", "\\|2.0"]
            ),
            ("x.json", "{\"a\":1,\"b\":2}\n{\"a\":3,\"b\":4}\n", ["1|2", "3|4"]),
            ("rows", #"[{"a":1,"b":[2],"b":3}]"#, ["1|3"]),
        ]
    )
    func arrays(name: String, text: String, expected: [String]) throws {
        for chunk in [1, 5, 1000] { #expect(try Self.texts(Array(text.utf8), named: name, chunk: chunk) == expected) }
    }

    @Test("are what the manifest says")
    func said() throws {
        #expect(try Self.texts("a,b\n1,2\n", named: "rows.txt", .csv) == ["1|2"])
        #expect(try Self.texts("a\tb\n1\t2\n", named: "rows.csv", .tsv) == ["1|2"])
    }

    @Test("are decompressed, several members and frames too", arguments: [1, 7, 1000])
    func compressed(_ chunk: Int) throws {
        let lines = ["{\"a\":1,\"b\":2}\n", "{\"a\":3,\"b\":4}\n"]
        let gzip = try lines.flatMap { try Self.gzip($0) }
        #expect(try Self.texts(gzip + [0, 0], named: "x.jsonl.gz", chunk: chunk) == ["1|2", "3|4"])
        #expect(try Self.texts(lines.flatMap(Self.zstd), named: "x.jsonl.zst", chunk: chunk) == ["1|2", "3|4"])
        #expect(try Self.texts(Self.gzip("a,b\n1,2\n"), named: "x.csv.gz", chunk: chunk) == ["1|2"])
        #expect(try Self.texts(Self.zstd(#"[{"a":1,"b":2}]"#), named: "x.json.zst", chunk: chunk) == ["1|2"])
    }

    @Test("that are cut off or damaged are found out")
    func damaged() throws {
        let gzip = try Self.gzip(String(repeating: "{\"a\":1,\"b\":2}\n", count: 50))
        let zstd = Self.zstd("{\"a\":1,\"b\":2}\n")
        for bytes in [Array(gzip.dropLast(3)), Array(zstd.dropLast(3))] {
            let error = #expect(throws: DatasetError.self) { try Self.texts(bytes, named: "x") }
            #expect(error?.message == "cannot read x: the compressed file ends too early: it was cut off")
        }
        var wrong = gzip
        wrong[wrong.count - 6] ^= 0xFF
        for bytes in [wrong, zstd + [1, 2, 3, 4, 5]] {
            let error = #expect(throws: DatasetError.self) { try Self.texts(bytes, named: "x") }
            #expect(error?.message.contains("damaged") == true)
        }
    }

    @Test("that are bombs are refused")
    func bomb() throws {
        let script = "import gzip; print(gzip.compress(b' ' * (80 << 20), 9).hex())"
        let bytes = Self.bytes(hex: try Python.run(script, on: [String]()).first ?? "")
        func inflate(_ limits: DecodingLimits) throws {
            let inflated = try InflatedBytes(RowSource(name: "x", bytes: bytes), limits)
            while try inflated.nextChunk() != nil {}
        }
        var limits = DecodingLimits()
        let error = #expect(throws: DatasetError.self) { try inflate(limits) }
        #expect(error?.message.contains("more than 200 times its size") == true)
        limits.ratio = 2000
        try inflate(limits)
        limits.size = 1 << 20
        let other = #expect(throws: DatasetError.self) { try inflate(limits) }
        #expect(other?.message.contains("more than the 1048576 bytes that FTOPS_DOWNLOAD_LIMIT allows") == true)
    }

    @Test(
        "tell bad rows by the lines that they start on",
        arguments: [
            (
                "x.csv", "a,b\n\"1\n\",2\n1,2,3\n4\n5,6\n\"7\"x,8\n",
                [
                    "4: the record has 3 fields, and the first record names 2",
                    "5: the record has 1 field, and the first record names 2",
                    "7: there is text behind a closing quote; a quote inside of a quoted field is doubled",
                ]
            ),
            ("x.csv", "a,b\n1,2\n\"3,4\n5,6\n", ["3: a quote is never closed"]),
            ("x.csv", "a,b\n1,2\n\n3,\"4\n", ["4: a quote is never closed"]),
            (
                "x.json", "[{\"a\":1,\n\"b\":2},\n\n{\"a\":\n1}, 5]",
                ["4: missing field \"b\"", "5: the row is a number"]
            ),
            ("x.json", "[{\"a\":1,\"b\":2},\n{\"a\":1,\"b\"", ["2: the file ends inside of the array: it was cut off"]),
            ("x.json", "[{\"a\":1,\"b\":2}\n{}]", ["1: not JSON: "]),
            ("x.json", "[{\"a\":1,\"b\":2},\n]", ["2: not JSON: an element is missing before `]`"]),
            ("x.json", "[{\"a\":1,\"b\":\"x\ny\"}]", ["1: not JSON: "]),
        ] as [(String, String, [String])]
    )
    func badRows(name: String, text: String, expected: [String]) throws {
        let error = #expect(throws: DatasetError.self) { try Self.texts(text, named: name) }
        let found = error?.diagnostics.map { "\($0.range?.start.line ?? 0): \($0.message)" } ?? []
        #expect(found.count == expected.count && zip(found, expected).allSatisfy { $0.hasPrefix($1) }, "\(found)")
    }

    @Test(
        "need a first record that names the fields",
        arguments: [("a,a\n1,2\n", "the field \"a\" is there twice"), ("a,\n1,2\n", "a field has no name")]
    )
    func header(text: String, reason: String) {
        let error = #expect(throws: DatasetError.self) { try Self.texts(text, named: "x.csv") }
        #expect(error?.message == "x.csv:1: \(reason): the first record has to name the fields")
    }

    @Test("may have many columns, and not any number")
    func columns() throws {
        func file(_ columns: Int) -> [UInt8] {
            let names = ["a", "b"] + (2..<columns).map { "c\($0)" }
            return Array((names.joined(separator: ",") + "\n1,2" + String(repeating: ",", count: columns - 2)).utf8)
        }
        #expect(try Self.texts(file(10_000), named: "x.csv", chunk: 1 << 16) == ["1|2"])
        let wide = #expect(throws: DatasetError.self) { try Self.texts(file(10_001), named: "x.csv", chunk: 1 << 16) }
        #expect(wide?.message.hasPrefix("x.csv:1: it has more than 10000 fields") == true)
        let commas = Array("a,b\n".utf8) + [UInt8](repeating: UInt8(ascii: ","), count: 20_000)
        let error = #expect(throws: DatasetError.self) { try Self.texts(commas, named: "x.csv", chunk: 1 << 16) }
        let found = error?.diagnostics.first?.message
        #expect(found == "the record has 20001 fields, and the first record names 2")
    }

    @Test(
        "are not taken from what is another file, which is said without a word about JSON to who wrote none",
        arguments: [
            (
                "x.csv", Array("a,b\n1,2\n3,caf".utf8) + [0xE9, 0x0A], 3, 6,
                "byte 0xE9 is no UTF-8: the file is perhaps"
            ),
            ("x.csv", Array("é,b\r\n\"é\r\né".utf8) + [0xE2, 0x82], 3, 2, "byte 0xE2 is no UTF-8"),
            (
                "x.csv", [0xFF, 0xFE, 0x61, 0, 0x2C, 0, 0x62, 0, 0x0A, 0], 1, 1,
                "this is UTF-16; save the file as UTF-8"
            ),
            ("x.tsv", [0x61, 0, 0x09, 0, 0x62, 0, 0x0A, 0], 1, 1, "this is UTF-16"),
            ("x.csv", Array("<!DOCTYPE html>\n<p>a,b</p>".utf8), 1, 1, "this is an HTML page and no rows"),
            ("x.csv", Array("version https://git-lfs.github.com/spec/v1\n".utf8), 1, 1, "this is a Git LFS pointer"),
            ("x.csv", Array("a\tb\n1\t2\n".utf8), 1, 1, "the first line has tabs and no commas; name the file .tsv"),
            ("x.tsv", Array("a,b\n1,2\n".utf8), 1, 1, "the first line has commas and no tabs; name the file .csv"),
            (
                "x.csv", Array("{\"a\":1,\"b\":2}\n".utf8), 1, 1,
                "this has an object of JSON a line; name the file .jsonl"
            ),
            ("x.csv", Array("[{\"a\":1},\n".utf8), 1, 1, "this is an array of JSON; name the file .json"),
            ("x.txt", Array("a,b\n1,2\n".utf8), 1, 1, "this is no JSON but reads like the first line of CSV"),
            (
                "x.txt", Array("\"my a\"\tb\r\n1\t2\n".utf8), 1, 1,
                "this is no JSON but reads like the first line of TSV"
            ),
            (
                "x.xlsx", Array("PK\u{3}\u{4}".utf8) + Array(repeating: 0, count: 26), 1, 1,
                "this is a spreadsheet; export"
            ),
            (
                "x", Array("PK\u{3}\u{4}".utf8) + Array(repeating: 0, count: 26), 1, 1,
                "this is a zip file; unpack it first"
            ),
        ] as [(String, [UInt8], Int, Int, String)]
    )
    func foreign(name: String, bytes: [UInt8], line: Int, column: Int, reason: String) throws {
        for chunk in [1, 4, 1000] {
            let error = #expect(throws: DatasetError.self) { try Self.texts(bytes, named: name, chunk: chunk) }
            let finding = try #require(error?.diagnostics.first)
            #expect(finding.message.hasPrefix(reason), "\(finding.message)")
            #expect(finding.range?.start == SourcePosition(line: line, column: column) && finding.range?.file == name)
        }
    }

    @Test(
        "may stand behind a byte order mark, whatever they are written in",
        arguments: [
            ("x.jsonl", "{\"a\":1,\"b\":2}\n{\"a\":3,\"b\":4}\n"), ("x.json", "[{\"a\":1,\"b\":2},{\"a\":3,\"b\":4}]"),
            ("x.csv", "a,b\n1,2\n3,4\n"), ("x.tsv", "\"a\"\tb\n1\t2\n3\t4\n"),
        ]
    )
    func marked(name: String, text: String) throws {
        let bytes = FileSignature.byteOrderMark + Array(text.utf8)
        for chunk in [1, 2, 1000] { #expect(try Self.texts(bytes, named: name, chunk: chunk) == ["1|2", "3|4"]) }
        let gzip = try Self.gzip("\u{FEFF}" + text)
        #expect(try Self.texts(gzip, named: name + ".gz") == ["1|2", "3|4"])
        let error = #expect(throws: DatasetError.self) {
            try Self.texts("\u{FEFF}{\"a\":1,\"b\":2}\n{\"a\":3}\n", named: "x")
        }
        #expect(error?.diagnostics.first?.range?.start.line == 2)
    }

    @Test("may differ from file to file of one source, whose lines keep their places")
    func joined() throws {
        let parts = try [
            ("1.jsonl", "{\"a\":1,\"b\":2}"), ("2.csv", "a,b\n3,4\n5\n"), ("3.json", "[\n{\"a\":5,\"b\":6},\n{}]"),
        ]
        .map { try RowSource(name: $0, bytes: Array($1.utf8)).decoded(nil, by: RowReading()) }
        let renderer = DatasetRenderer(Dataset(source: .path("all")), template: try CompiledTemplate(Self.template))
        let error = #expect(throws: DatasetError.self) { try renderer.render(.joining(parts, name: "all")) }
        let found = error?.diagnostics.compactMap(\.range).map { "\($0.file):\($0.start.line)" }
        #expect(found.map(Set.init) == ["2.csv:3", "3.json:3"])
    }
}
