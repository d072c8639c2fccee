//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Foundation
import FtopsTestSupport
import Manifests
import Testing

@Suite("ftops bases")
struct BasesTests {
    private static let commit = String(repeating: "ab", count: 20)
    private static let version = String(repeating: "cd", count: 32)

    private let scenario: Scenario
    private let web: WebPeer

    init() throws {
        web = try WebPeer()
        scenario = try Scenario()
        scenario.environment["HF_ENDPOINT"] = web.address("file/hub")
        scenario.environment["FTOPS_REPLICATE_URL"] = web.address("file/replicate/")
        scenario.environment["FTOPS_PYPI_URL"] = web.address("file/pypi")
        scenario.environment["HF_TOKEN"] = "hf_secret"
        scenario.environment["REPLICATE_API_TOKEN"] = "r8_secret"
        try web.folder.write("{\"id\": \"o/m\", \"sha\": \"\(Self.commit)\"}", to: "hub/api/models/o/m")
        try web.folder.write("{\"latest_version\": {\"id\": \"\(Self.version)\"}}", to: "replicate/models/o/m")
        try web.folder.write("{\"info\": {\"version\": \"2.1.0\"}}", to: "pypi/pypi/weights/json")
    }

    private static let manifest = """
        # mine
        apiVersion: ftops/v1
        kind: BaseModel
        metadata: {name: both}
        spec:
          parameters: 6.74B
          node: {huggingface: o/m}    # the hub's
          replicate:
            version: o/m              # theirs
            hardware: {name: 8x A40, gpus: 8, price_per_minute: 0.348}
        ---
        apiVersion: ftops/v1
        kind: BaseModel
        metadata: {name: wheel}
        spec:
          context: 2048
          license: gemma
          node:
            python: weights==1.0.0    # a package

        """

    @Test("update asks each host, writes the pins and nothing else, and shows no secret")
    func updates() throws {
        try scenario.write(Self.manifest, at: "manifests/bases.yaml")
        let validate = try scenario.ftops("validate")
        #expect(validate.errors.contains("ftops bases update both"), "\(validate.transcript)")
        let update = try scenario.ftops("bases", "update", "both", "wheel")
        #expect(update.status == 0, "\(update.transcript)")
        #expect(!update.transcript.contains("secret"))
        let expected = Self.manifest
            .replacingOccurrences(of: "{huggingface: o/m}", with: "{huggingface: o/m, revision: \(Self.commit)}")
            .replacingOccurrences(of: "version: o/m ", with: "version: o/m:\(Self.version) ")
            .replacingOccurrences(of: "weights==1.0.0", with: "weights==2.1.0")
        #expect(try scenario.read("manifests/bases.yaml") == expected)
        #expect(try scenario.ftops("validate").status == 0)
        let again = try scenario.ftops("bases", "update", "both")
        #expect(again.output.split(separator: "\n").allSatisfy { $0.contains(" unchanged, ") }, "\(again.transcript)")
        #expect(web.requests("hub").allSatisfy { $0.contains("Bearer hf_secret") })
        #expect(web.requests("replicate").allSatisfy { $0.contains("Bearer r8_secret") })
        #expect(web.requests("pypi").allSatisfy { !$0.contains("secret") })
    }

    @Test("update says what a host does not know, and what it needs, and changes nothing then")
    func refusals() throws {
        let text = Self.manifest.replacingOccurrences(of: "o/m", with: "o/none")
        try scenario.write(text, at: "manifests/bases.yaml")
        let missing = try scenario.ftops("bases", "update", "both")
        #expect(missing.status == 1 && missing.errors.contains("knows no o/none"), "\(missing.transcript)")
        try scenario.write(Self.manifest, at: "manifests/bases.yaml")
        scenario.environment["REPLICATE_API_TOKEN"] = ""
        let token = try scenario.ftops("bases", "update", "both")
        #expect(token.status == 1 && token.errors.contains("set REPLICATE_API_TOKEN"), "\(token.transcript)")
        let unknown = try scenario.ftops("bases", "update", "bath")
        #expect(unknown.status == 1, "\(unknown.transcript)")
        #expect(try scenario.read("manifests/bases.yaml") == Self.manifest)
    }

    @Test("list shows each base with where it trains, as text, markdown and JSON")
    func lists() throws {
        let text = Self.manifest.replacingOccurrences(of: "huggingface: o/m", with: "path: models/mine")
            .replacingOccurrences(of: "version: o/m ", with: "version: o/m:\(Self.version) ")
        try scenario.write(text, at: "manifests/bases.yaml")
        let expected = """
            base   parameters  context  licence  trains on  hardware  $/min  pinned
            both        6.74B        -  -        node       -             -  no
                                                 replicate  8x A40    0.348  yes
            wheel           -    2,048  gemma    node       -             -  yes

            """
        let list = try scenario.ftops("bases")
        #expect(list.output == expected, "\(list.transcript)")
        let markdown = try scenario.ftops("bases", "list", "--format", "markdown")
        #expect(markdown.output.contains("| both | 6.74B |  |  | node |  |  | no |\n"), "\(markdown.transcript)")
        let documents = [try scenario.ftops("bases", "--json").output]
        try DocumentedFormat("ftops bases").expect(documents)
    }

    @Test("list exits with 1 where a base model or a whole file is wrong, and shows the others")
    func errors() throws {
        let wrong = Self.manifest.replacingOccurrences(of: "context: 2048", with: "contexts: 2048")
        for text in [wrong, Self.manifest + "--- [\n"] {
            try scenario.write(
                text.replacingOccurrences(of: "{huggingface: o/m}", with: "{path: m}"),
                at: "manifests/b.yaml"
            )
            try scenario.write(String(decoding: KnownBase.all[0].file.bytes, as: UTF8.self), at: "manifests/gemma.yaml")
            let list = try scenario.ftops("bases")
            #expect(list.status == 1 && list.errors.contains("manifests/b.yaml:"), "\(list.transcript)")
            #expect(list.output.contains("gemma-3-270m"), "\(list.transcript)")
        }
        let other = "apiVersion: ftops/v1\nkind: Template\nmetadata: {name: t}\nspec: {promt: a}\n"
        try scenario.write(other, at: "manifests/b.yaml")
        #expect(try scenario.ftops("bases").status == 0)
    }

    @Test("the guide's models stand among this repository's manifests as add writes them, and the small one too")
    func stands() throws {
        let manifests = Scenario.package.appending(path: "manifests")
        for base in KnownBase.all where base.name != "gemma-3-270m" {
            let text = try String(contentsOf: Scenario.package.appending(path: base.file.path), encoding: .utf8)
            #expect(text == String(decoding: base.file.bytes, as: UTF8.self), "\(base.name)")
        }
        try FileManager.default.copyItem(at: manifests, to: scenario.repository.appending(path: "manifests"))
        let list = try scenario.ftops("bases", "--json")
        for base in KnownBase.all { #expect(list.output.contains("\"name\": \"\(base.name)\""), "\(list.transcript)") }
        #expect(list.status == 0 && list.errors.isEmpty, "\(list.transcript)")
    }

    @Test("add writes what ftops knows: the guide's models and the small one, all of them right")
    func adds() throws {
        let names = KnownBase.all.map(\.name)
        #expect(names.count == 6)
        for name in names {
            let add = try scenario.ftops("bases", "add", name)
            #expect(add.status == 0 && add.output == "wrote manifests/bases/\(name).yaml\n", "\(add.transcript)")
        }
        let validate = try scenario.ftops("validate")
        #expect(validate.output == "The manifests are valid: 6 base models.\n", "\(validate.transcript)")
        let check = try scenario.ftops("fmt", "--check")
        #expect(check.status == 0, "\(check.transcript)")
        let again = try scenario.ftops("bases", "add", "llama-2-7b")
        #expect(again.status == 1 && again.errors.contains("is there already"))
        let near = try scenario.ftops("bases", "add", "lama-2-7b")
        #expect(near.status == 1 && near.errors.contains("did you mean llama-2-7b?"), "\(near.transcript)")
    }
}
