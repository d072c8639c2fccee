//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Resources
import YAML

extension NodeDecoder {
    private static let unsupportedInProject: [String: Shape] = [
        "notify": .notifications
    ]

    mutating func project(_ spec: Field) -> Project? {
        let known = ["owner", "git", "artifacts", "backends", "on_trainer_change", "budget", "policies", "suspend"]
        guard let fields = fields(spec, known: known + Self.unsupportedInProject.keys.sorted()) else { return nil }
        unsupported(Self.unsupportedInProject, in: fields)
        var project = Project(
            owner: owner(fields["owner"]),
            git: git(fields["git"]),
            artifactStore: artifactStore(fields["artifacts"]),
            onTrainerChange: choice(fields["on_trainer_change"], Project.TrainerChange.self) ?? .keep,
            spending: spending(fields["budget"]) ?? Spending(),
            policies: policies(fields["policies"]) ?? Policies(),
            suspension: suspension(fields["suspend"])
        )
        backends(fields["backends"], of: &project)
        return project
    }

    private mutating func git(_ field: Field?) -> Project.Git {
        var git = Project.Git()
        guard let fields = fields(field, known: ["remote", "branch", "push", "results", "ledger"]) else { return git }
        git.remote = filledText(fields["remote"])
        git.branch = filledText(fields["branch"])
        git.push = bool(fields["push"]) ?? git.push
        git.ledger = ledger(fields["ledger"]) ?? git.ledger
        if let results = fields["results"], choice(results, among: ["commit", "pull-request"]) == "pull-request" {
            notSupported(results, "git.results: pull-request")
        }
        return git
    }

    private mutating func ledger(_ field: Field?) -> String? {
        guard let field, let text = text(field) else { return nil }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        let isRef = parts.count >= 3 && parts[0] == "refs" && parts.dropFirst().allSatisfy(ResourceName.isValid)
        if isRef, !text.contains(".."), !text.hasSuffix("."), !text.hasSuffix(".lock") { return text }
        let expected = "a ref such as `refs/ftops/ledger`"
        report(.badValue, "`\(field.name)` takes \(expected), found `\(excerpt(text))`", at: field.node)
        return nil
    }

    private mutating func artifactStore(_ field: Field?) -> String? {
        guard let fields = fields(field, known: ["store"]), let store = required("store", in: fields),
            let text = filledText(store)
        else { return nil }
        guard let scheme = Self.scheme(text) else { return text }
        if scheme == "s3" {
            notSupported(store, "a store at s3://")
        } else {
            report(.badValue, "`\(store.name)` takes a folder or s3://, found `\(excerpt(text))`", at: store.node)
        }
        return nil
    }

    private mutating func backends(_ field: Field?, of project: inout Project) {
        guard let fields = fields(field, known: ["default", "node", "slurm", "replicate"]) else { return }
        unsupported(
            [
                "slurm": .mapping(["partition": .text, "account": .text, "options": .list(.text)]),
                "replicate": .mapping(["url": .text, "token": .secret]),
            ],
            in: fields
        )
        project.defaultBackend = backend(fields["default"]) ?? project.defaultBackend
        guard let node = self.fields(fields["node"], known: ["devices", "reserve", "price_per_gpu_hour"]) else {
            return
        }
        unsupported(["devices": .text, "reserve": .list(.integer)], in: node)
        project.pricePerGPUHour = money(node["price_per_gpu_hour"])
    }
}
