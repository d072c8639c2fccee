//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Foundation
import FtopsTestSupport
import Ledger
import Planning
import Resources
import Testing

@testable import Git
@testable import Reconciler

/// Something that happens to a repository in which nothing was to be done.
struct RestingChange: CustomTestStringConvertible, Sendable {
    let testDescription: String
    /// Whether a whole plan says something else of it.
    var shows = true
    /// Whether it takes a remote.
    var takesOrigin = false
    let apply: @Sendable (RestingRepository) throws -> Void

    init(
        _ description: String,
        shows: Bool = true,
        takesOrigin: Bool = false,
        apply: @escaping @Sendable (RestingRepository) throws -> Void
    ) {
        (testDescription, self.shows, self.takesOrigin, self.apply) = (description, shows, takesOrigin, apply)
    }
}

extension RestingChange {
    static let all = manifests + data + bases + git + remotes

    private static let manifests = [
        RestingChange("a manifest is edited") {
            try $0.write(RestingRepository.fineTune("near", seed: 2), tune: "near")
        },
        RestingChange("a manifest is edited, of which git looks at no change") {
            try $0.git("update-index", "--assume-unchanged", "manifests/tunes/near.yaml")
            try $0.write(RestingRepository.fineTune("near", seed: 2), tune: "near")
        },
        RestingChange("a comment is written into a manifest, of which git looks at no change", shows: false) {
            try $0.git("update-index", "--assume-unchanged", "manifests/tunes/near.yaml")
            try $0.write(RestingRepository.fineTune("near") + "# mine\n", tune: "near")
        },
        RestingChange("a manifest is added") { try $0.write(RestingRepository.fineTune("new"), tune: "new") },
        RestingChange("a manifest is added and committed") {
            try $0.write(RestingRepository.fineTune("new"), tune: "new")
            try $0.commit()
        },
        RestingChange("a manifest is removed") { try $0.remove("work/manifests/tunes/near.yaml") },
        RestingChange("a manifest is renamed") {
            try $0.git("mv", "manifests/tunes/near.yaml", "manifests/tunes/here.yaml")
        },
        RestingChange("a template is edited and committed") {
            let text = try #require($0.sandbox.read("work/manifests/shared.yaml"))
            try $0.sandbox.write(text.replacing("{text}", with: "Say {text}"), to: "work/manifests/shared.yaml")
            try $0.commit()
        },
        RestingChange("a link stands among the manifests") {
            try FileManager.default.createSymbolicLink(
                atPath: $0.top + "/manifests/link.yaml",
                withDestinationPath: "shared.yaml"
            )
        },
        RestingChange("a manifest is no longer in the index") {
            try $0.git("rm", "-q", "--cached", "manifests/shared.yaml")
        },
    ]

    private static let data = [
        RestingChange("a row is added") { try $0.sandbox.write(RestingRepository.rows(5), to: "work/data/rows.jsonl") },
        RestingChange("a row is added to a file of which git looks at no change") {
            try $0.git("update-index", "--assume-unchanged", "data/rows.jsonl")
            try $0.sandbox.write(RestingRepository.rows(5), to: "work/data/rows.jsonl")
        },
        RestingChange("other bytes of the same number and time, of which git looks at no change") {
            try $0.git("update-index", "--assume-unchanged", "data/rows.jsonl")
            try $0.overwrite("work/data/rows.jsonl", replacing: "row 1", by: "row 7")
        },
        RestingChange("rows that validate change, of which git looks at no change") {
            try $0.git("update-index", "--assume-unchanged", "data/held.jsonl")
            try $0.overwrite("work/data/held.jsonl", replacing: "row 1", by: "row 7")
        },
        RestingChange("a file is touched", shows: false) {
            try FileManager.default.setAttributes(
                [.modificationDate: Date()],
                ofItemAtPath: $0.top + "/data/rows.jsonl"
            )
        },
        RestingChange("a file is replaced by one with the same bytes", shows: false) {
            try $0.sandbox.write(RestingRepository.rows(3), to: "work/data/other")
            try $0.move("work/data/other", to: "work/data/rows.jsonl")
        },
        RestingChange("a file is behind a link, of which git looks at no change") {
            try $0.git("update-index", "--skip-worktree", "data/rows.jsonl")
            try $0.move("work/data/rows.jsonl", to: "rows.jsonl")
            try FileManager.default.createSymbolicLink(
                atPath: $0.top + "/data/rows.jsonl",
                withDestinationPath: $0.sandbox.path("rows.jsonl")
            )
        },
        RestingChange("a file is gone") { try $0.remove("work/data/rows.jsonl") },
        RestingChange("what the cache had is gone") { try $0.remove("cache/ftops/sources") },
        RestingChange("what the cache has is another file") {
            try $0.overwrite(
                $0.source.replacing($0.sandbox.folder + "/", with: "") + "/rows.jsonl",
                replacing: "row 1",
                by: "row 7"
            )
        },
        RestingChange("the cache has one more file of a source") {
            try $0.sandbox.write("{}", to: $0.source.replacing($0.sandbox.folder + "/", with: "") + "/second.jsonl")
        },
    ]

    private static let bases = [
        RestingChange("a file of a base changes") { try $0.sandbox.write("{\"a\": 1}", to: "base/config.json") },
        RestingChange("a file is added to a base") { try $0.sandbox.write("more", to: "base/more.safetensors") },
        RestingChange("a file of a base is gone") { try $0.remove("base/tokenizer.json") },
        RestingChange("a base is gone") { try $0.remove("base") },
        RestingChange("a base's folder is a link to another one") {
            try $0.sandbox.write("{}", to: "second/config.json")
            try $0.sandbox.write("other weights", to: "second/model.safetensors")
            try $0.remove("base")
            try FileManager.default.createSymbolicLink(atPath: $0.base, withDestinationPath: $0.sandbox.path("second"))
        },
    ]

    private static let git = [
        RestingChange("there is a new commit") { try $0.git("commit", "-q", "--allow-empty", "-m", "empty") },
        RestingChange("another branch is checked out") { try $0.git("checkout", "-q", "-b", "side") },
        RestingChange("no branch is checked out") { try $0.git("checkout", "-q", "--detach") },
        RestingChange("an earlier commit is checked out") { try $0.git("checkout", "-q", "HEAD~1") },
        RestingChange("a version's record is removed by a commit") {
            try $0.git("rm", "-q", "-r", "versions/acme/near")
            try $0.git("commit", "-q", "-m", "remove")
        },
        RestingChange("another remote is the upstream, without any ledger", takesOrigin: true) {
            try $0.git("remote", "add", "other", try $0.sandbox.bare("other.git"))
            try $0.git("config", "branch.main.remote", "other")
            try $0.git("config", "branch.main.merge", "refs/heads/main")
        },
        RestingChange("origin is a server") {
            _ = try? $0.git("remote", "remove", "origin")
            try $0.git("remote", "add", "origin", "https://git.example.org/acme/models.git")
        },
        RestingChange("the ledger was handed over to a remote that is gone") {
            let own = try $0.git(
                "rev-parse",
                try $0.workspace().repository.reference("refs/ftops/ledger")?.hex ?? "HEAD"
            )
            try $0.git("update-ref", "refs/ftops/ledger", own)
            try $0.git("update-ref", "refs/ftops/remotes/gone/merged", own)
            try $0.git("update-ref", "refs/ftops/remotes/gone/ledger", "HEAD")
        },
        RestingChange("the ledger is gone") {
            for place in [$0.top, $0.sandbox.path("origin.git")] where FileManager.default.fileExists(atPath: place) {
                try $0.sandbox.git("update-ref", "-d", "refs/ftops/ledger", in: place)
            }
        },
        RestingChange("the state folder is damaged") { try $0.sandbox.write("{", to: "state/holder.json") },
    ]

    private static let remotes = [
        RestingChange("the remote's branch gets a record that cannot be read", takesOrigin: true) { repository in
            let name = try repository.clone().split(separator: "/").last.map(String.init) ?? ""
            try repository.sandbox.write("kind: [", to: "\(name)/versions/acme/x/1-aaaaaaaaaaaa.yaml")
            try repository.sandbox.git("add", "-A", in: repository.sandbox.path(name))
            try repository.sandbox.git("commit", "-q", "-m", "break", in: repository.sandbox.path(name))
            try repository.sandbox.git("push", "-q", in: repository.sandbox.path(name))
        },
        RestingChange("another machine takes a step in the ledger", shows: false, takesOrigin: true) { repository in
            let clone = try GitRepository(path: try repository.clone())
            let settings = GitSettings(
                remote: "origin",
                branch: "main",
                push: true,
                ledger: RunLedger.standardReference
            )
            let digest = String(repeating: "a", count: 64)
            let fingerprint = try #require(Fingerprint(rawValue: "v1-\(digest)"))
            let now = Timestamp(seconds: 4_000_000_000)
            try Home(clone, settings: settings).ledger.step(message: "claim", now: now) { _ in
                [
                    fingerprint: RunEntry(
                        state: .claimed,
                        fingerprint: fingerprint,
                        fineTunes: [ResourceName(rawValue: "else")],
                        model: ModelName(owner: "acme", name: "else"),
                        commit: String(repeating: "0", count: 40),
                        branch: "main",
                        holder: RunEntry.Holder(id: HolderID(rawValue: "two"), host: "gpu-2", until: now)
                    )
                ]
            }
        },
        RestingChange("the remote's ledger is another one", takesOrigin: true) {
            try $0.sandbox.git("update-ref", "refs/ftops/ledger", "refs/heads/main", in: $0.sandbox.path("origin.git"))
        },
        RestingChange("the remote is away", takesOrigin: true) { try $0.move("origin.git", to: "away.git") },
    ]
}

extension RestingRepository {
    func write(_ text: String, tune name: String) throws {
        try sandbox.write(text, to: "work/manifests/tunes/\(name).yaml")
    }

    func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: sandbox.path(name)) }

    func move(_ name: String, to other: String) throws {
        guard rename(sandbox.path(name), sandbox.path(other)) == 0 else { throw CocoaError(.fileWriteUnknown) }
    }

    /// Writes into a file in its place, and puts back the time of its last change.
    func overwrite(_ name: String, replacing old: String, by new: String) throws {
        let text = try #require(sandbox.read(name)).replacing(old, with: new)
        let path = sandbox.path(name)
        let before = try FileManager.default.attributesOfItem(atPath: path)
        let file = try #require(FileHandle(forUpdatingAtPath: path))
        try file.write(contentsOf: Data(text.utf8))
        try file.close()
        let date = try #require(before[.modificationDate] as? Date)
        try FileManager.default.setAttributes([.modificationDate: date], ofItemAtPath: path)
    }
}
