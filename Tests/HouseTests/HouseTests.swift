//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Foundation
import Testing

@Suite("The house")
struct HouseTests {
    @Test("declares no dependency that points up or sideways")
    func dependenciesPointDown() throws {
        let modules = try PackageDescription.load().modules
        #expect(modules.count > 10)
        for module in modules {
            let objections = (module.targetDependencies ?? []).compactMap { Floors.objection(to: $0, in: module.name) }
            #expect(objections.isEmpty)
            #expect(Floors.floor(module.name) != nil, "\(module.name) has no floor")
        }
    }

    @Test("imports only what is declared, from floors below")
    func importsPointDown() throws {
        for module in try PackageDescription.load().modules {
            for file in Repository.sources(under: module.path) {
                let foreign = file.imports.filter { !isAllowed($0, in: module) }
                #expect(foreign.isEmpty, "\(file.path) imports \(foreign)")
            }
        }
    }

    @Test("keeps unsafe pointers in the wrappers of floor 2")
    func unsafePointersStayBelow() throws {
        for module in try PackageDescription.load().modules where (Floors.floor(module.name) ?? 0) > 2 {
            for file in Repository.sources(under: module.path) {
                let found = file.code.filter { $0.contains(/\bUnsafe\w*Pointer\b|\bOpaquePointer\b|\bwithUnsafe/) }
                #expect(found.isEmpty, "\(file.path)")
            }
        }
    }

    @Test("starts every file with the header, and ends it within 400 lines", arguments: ["Sources", "Tests"])
    func filesAreInShape(folder: String) {
        for file in Repository.sources(under: folder) {
            #expect(file.text.hasPrefix(Self.header), "\(file.path)")
            #expect(file.lines.count <= 401, "\(file.path) has \(file.lines.count) lines")
        }
    }

    @Test("lists every target of the Makefile with what it is for, in the columns of a terminal")
    func helpFits() throws {
        let text = try String(contentsOf: Repository.root.appending(path: "Makefile"), encoding: .utf8)
        let phony = try #require(text.split(separator: "\n").first { $0.hasPrefix(".PHONY:") })
        for name in phony.split(separator: " ").dropFirst() {
            let help = try #require(text.firstMatch(of: try Regex("(?m)^\(name):.*## (.+)$"))?[1].substring, "\(name)")
            #expect(help.count <= 59, "\(name): \(help)")
        }
    }

    @Test("names no type like its module")
    func typesDifferFromModules() throws {
        for module in try PackageDescription.load().modules where module.type == "library" {
            let declaration = try Regex(#"\b(?:struct|class|enum|actor|protocol|typealias) \#(module.name)\b"#)
            for file in Repository.sources(under: module.path) {
                #expect(!file.code.contains { $0.contains(declaration) }, "\(file.path)")
            }
        }
    }

    @Test("reads the imports of a file, whatever stands before the word")
    func readsImports() {
        let file = SourceFile(
            path: "A.swift",
            text: """
                // import Commented
                import A
                internal import B
                @testable package import C
                @preconcurrency import struct D.E
                public import F  // why
                let important = "import G"
                """
        )
        #expect(file.imports == ["A", "B", "C", "D", "F"])
    }

    @Test(
        "objects to a dependency up, beside, or of no floor",
        arguments: [("Git", "Reports"), ("Ledger", "Runs"), ("Planning", "Scheduling"), ("Runs", "Elsewhere")]
    )
    func objects(module: String, dependency: String) {
        #expect(Floors.objection(to: dependency, in: module) != nil)
    }

    @Test("lets neighbours share the resources", arguments: ["Planning", "Scheduling", "Runs", "ftops"])
    func sharesResources(module: String) {
        #expect(Floors.objection(to: "Resources", in: module) == nil)
    }

    private func isAllowed(_ name: String, in module: PackageDescription.Target) -> Bool {
        if let lowest = Floors.outside[name] {
            return (Floors.floor(module.name) ?? 0) >= lowest
        }
        return module.dependencies.contains(name) && Floors.objection(to: name, in: module.name) == nil
    }

    private static let header = """
        //===----------------------------------------------------------------------===//
        //
        // This source file is part of ftops: GitOps for fine-tuning language models.
        // Licensed under the Apache License, Version 2.0. See LICENSE for details.
        //
        //===----------------------------------------------------------------------===//

        """
}
