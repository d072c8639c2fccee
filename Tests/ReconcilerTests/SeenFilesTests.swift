//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Foundation
import FtopsTestSupport
import Testing

@testable import Reconciler

@Suite("The files that a plan looks at")
struct SeenFilesTests {
    private let folder: ScratchFolder
    private static let late: Int64 = 4_000_000_000_000_000_000

    init() throws {
        folder = try ScratchFolder()
        try folder.write("rows", to: "top/data/rows.jsonl")
        try folder.write("{}", to: "base/config.json")
    }

    private func look(at now: Int64 = late) -> SeenFiles {
        let seen = SeenFiles(now: now)
        seen.lookAtRows("data/rows.jsonl", in: folder.path("top"))
        seen.look(.base(folder.path("base")))
        return seen
    }

    @Test("are settled where nothing moves, and asked for once each")
    func settled() throws {
        let seen = look()
        seen.lookAtRows("data/rows.jsonl", in: folder.path("top"))
        let (questions, digest) = try #require(seen.settledAnswers())
        #expect(questions.count == 4 && SeenFiles.digest(of: questions) == digest)
    }

    @Test("are not settled where one changes while a plan is made, or has changed lately")
    func moving() throws {
        let seen = look()
        try folder.write("more rows", to: "top/data/rows.jsonl")
        #expect(seen.settledAnswers() == nil)
        seen.lookAtRows("data/rows.jsonl", in: folder.path("top"))
        #expect(seen.settledAnswers() == nil)
        #expect(look(at: 1_000_000_000_000).settledAnswers() == nil)
    }

    @Test("are others behind a link, in a folder on the way too")
    func links() throws {
        let (questions, digest) = try #require(look().settledAnswers())
        try FileManager.default.moveItem(atPath: folder.path("top/data"), toPath: folder.path("top/moved"))
        try FileManager.default.createSymbolicLink(atPath: folder.path("top/data"), withDestinationPath: "moved")
        #expect(SeenFiles.digest(of: questions) != digest)
        let (again, linked) = try #require(look().settledAnswers())
        #expect(again == questions && SeenFiles.digest(of: again) == linked)
    }

    @Test("are of a base's folder those by which the base is known")
    func bases() throws {
        let (questions, digest) = try #require(look().settledAnswers())
        try folder.write("read me", to: "base/README.md")
        #expect(SeenFiles.digest(of: questions) == digest)
        try folder.write("{}", to: "base/tokenizer.json")
        #expect(SeenFiles.digest(of: questions) != digest)
    }

    @Test("are told from others of other kinds, by what notes say of them")
    func kinds() {
        let questions: [SeenFiles.Question] = [.file("a"), .link("a"), .folder("a"), .base("a")]
        for question in questions { #expect(SeenFiles.Question(kind: question.kind, path: "a") == question) }
        #expect(SeenFiles.Question(kind: "other", path: "a") == nil)
    }
}
