//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Resources
import YAML

extension NodeDecoder {
    mutating func project(_ spec: Field) -> Project? {
        guard let fields = fields(spec) else { return nil }
        var project = Project(
            owner: owner(fields["owner"]),
            git: git(fields["git"]),
            artifactStore: artifactStore(fields["artifacts"]),
            onTrainerChange: choice(fields["on_trainer_change"], Project.TrainerChange.self) ?? .keep,
            spending: spending(fields["budget"]) ?? Spending(),
            policies: policies(fields["policies"]) ?? Policies(),
            suspension: suspension(fields["suspend"])
        )
        project.warnings = warnings(fields["warnings"])
        project.tracking = tracking(fields["tracking"])
        backends(fields["backends"], of: &project)
        return project
    }

    private mutating func warnings(_ field: Field?) -> Project.Warnings {
        var warnings = Project.Warnings()
        guard let fields = fields(field) else { return warnings }
        warnings.silence = Set(list(fields["silence"]) { $0.code($1) } ?? [])
        warnings.deny = list(fields["deny"]) { $0.code($1) } ?? []
        return warnings
    }

    /// The code of a warning.
    private mutating func code(_ field: Field) -> String? {
        guard let text = text(field), !FindingCatalog.warnings.contains(text) else { return field.node.scalar?.text }
        let near = Suggestion.nearest(text, among: FindingCatalog.warnings)
        let isOther = FindingCatalog.entry(text) != nil
        let message = isOther ? "`\(text)` is an error, and no warning" : "there is no warning `\(excerpt(text))`"
        let all = FindingCatalog.warnings.joined(separator: ", ")
        let advice = near.map { "did you mean `\($0)`?" } ?? "they are: \(all)"
        report(.badValue, message, at: field.node, notes: isOther ? [] : [advice])
        return nil
    }

    private mutating func tracking(_ field: Field?) -> [Project.Tracker] {
        var seen: Set<Project.Tracker> = []
        return list(field, "a list of trackers") { decoder, field -> Project.Tracker? in
            guard let tracker = decoder.choice(field, Project.Tracker.self) else { return nil }
            if seen.insert(tracker).inserted { return tracker }
            decoder.report(.badValue, "`\(tracker.rawValue)` stands here twice", at: field.node)
            return nil
        } ?? []
    }

    private mutating func git(_ field: Field?) -> Project.Git {
        var git = Project.Git()
        guard let fields = fields(field) else { return git }
        git.remote = filledText(fields["remote"])
        git.branch = filledText(fields["branch"])
        git.push = bool(fields["push"]) ?? git.push
        git.ledger = ledger(fields["ledger"]) ?? git.ledger
        _ = choice(fields["results"])
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
        guard let store = fields(field)?["store"], let text = filledText(store) else { return nil }
        guard let scheme = Self.scheme(text) else { return text }
        let bucket = "s3" + text.dropFirst(scheme.count)
        if scheme == "s3", (try? RemoteSource(bucket + "/object")) != nil { return bucket }
        let expected = scheme == "s3" ? "s3://bucket or s3://bucket/prefix" : "a folder or s3://bucket/prefix"
        report(.badValue, "`\(store.name)` takes \(expected), found `\(excerpt(text))`", at: store.node)
        return nil
    }

    private mutating func backends(_ field: Field?, of project: inout Project) {
        guard let fields = fields(field) else { return }
        project.defaultBackend = choice(fields["default"], FineTune.Backend.self) ?? project.defaultBackend
        guard let node = self.fields(fields["node"]) else { return }
        project.pricePerGPUHour = money(node["price_per_gpu_hour"])
    }
}
