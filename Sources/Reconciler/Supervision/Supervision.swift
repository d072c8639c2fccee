//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Git
package import JSON
internal import Ledger
package import Planning
package import Resources

/// What a supervisor has to know to carry a run to its end by itself: the file `run.json` of the run's folder.
package struct Supervision: Hashable, Sendable {
    /// The user's repository, by its git directory.
    package var repository: String
    /// By whom the version is committed.
    package var identity: CommitIdentity
    /// The remote's name; nothing where ledger and versions stay in the repository.
    package var remote: String?
    /// The remote's folder.
    package var location: String?
    /// The ledger's ref.
    package var ledger: String
    /// The branch that the version is committed to, by its short name.
    package var branch: String
    /// Whether the version is pushed.
    package var push: Bool
    /// Where the artifact store is: a folder's absolute path, or `s3://bucket/prefix`.
    package var store: String
    /// What an hour of the run costs.
    package var pricePerHour: Money?
    /// What the run may take.
    package var limits: RunLimits
    /// Where its figures go while it trains.
    package var tracking: [Project.Tracker]
    /// The folder of the trainer.
    package var trainer: String
    /// Whom the destination is visible to, and its description.
    package var model: Model
    /// What the run was expected to take.
    package var estimate: RunEntry.Estimate
    /// The version's record as far as it is known before the training.
    package var draft: VersionRecord

    /// Makes a supervision.
    package init(
        repository: String,
        identity: CommitIdentity,
        remote: String?,
        location: String?,
        ledger: String,
        branch: String,
        push: Bool,
        store: String,
        pricePerHour: Money?,
        limits: RunLimits = RunLimits(),
        tracking: [Project.Tracker] = [],
        trainer: String,
        model: Model,
        estimate: RunEntry.Estimate,
        draft: VersionRecord
    ) {
        self.repository = repository
        self.identity = identity
        self.remote = remote
        self.location = location
        self.ledger = ledger
        self.branch = branch
        self.push = push
        self.store = store
        self.pricePerHour = pricePerHour
        self.limits = limits
        self.tracking = tracking
        self.trainer = trainer
        self.model = model
        self.estimate = estimate
        self.draft = draft
    }

    /// The value as JSON.
    package var json: JSONValue {
        [
            "format": 1,
            "repository": .string(repository),
            "author": Self.json(identity.author),
            "committer": Self.json(identity.committer),
            "remote": remote.map { .string($0) } ?? .null,
            "location": location.map { .string($0) } ?? .null,
            "ledger": .string(ledger),
            "branch": .string(branch),
            "push": .bool(push),
            "store": .string(store),
            "price_per_hour": pricePerHour.map { .string($0.decimal) } ?? .null,
            "limits": limits.json,
            "tracking": .array(tracking.map { .string($0.rawValue) }),
            "trainer": .string(trainer),
            "visibility": .string(model.visibility.rawValue),
            "description": model.description.map { .string($0) } ?? .null,
            "estimate_minutes": estimate.minutes.map { .double($0) } ?? .null,
            "estimate_cost": estimate.cost.map { .string($0.decimal) } ?? .null,
            "draft": .string(VersionRecordCodec.text(draft)),
        ]
    }

    /// Reads the value from JSON; nothing where a member is missing.
    package init?(json: JSONValue) throws {
        guard json["format"]?.int == 1, let repository = json["repository"]?.string,
            let ledger = json["ledger"]?.string, let branch = json["branch"]?.string, let push = json["push"]?.bool,
            let store = json["store"]?.string, let trainer = json["trainer"]?.string,
            let draft = json["draft"]?.string
        else { return nil }
        self.init(
            repository: repository,
            identity: CommitIdentity(
                author: Self.signature(json["author"]) ?? .ftops,
                committer: Self.signature(json["committer"]) ?? .ftops
            ),
            remote: json["remote"]?.string,
            location: json["location"]?.string,
            ledger: ledger,
            branch: branch,
            push: push,
            store: store,
            pricePerHour: json["price_per_hour"]?.string.flatMap { Money($0) },
            limits: RunLimits(json: json["limits"]),
            tracking: (json["tracking"]?.array ?? []).compactMap { $0.string.flatMap(Project.Tracker.init(rawValue:)) },
            trainer: trainer,
            model: Model(
                visibility: json["visibility"]?.string.flatMap { Model.Visibility(rawValue: $0) } ?? .private,
                description: json["description"]?.string
            ),
            estimate: RunEntry.Estimate(
                minutes: json["estimate_minutes"]?.double,
                cost: json["estimate_cost"]?.string.flatMap { Money($0) }
            ),
            draft: try VersionRecordCodec.record(Array(draft.utf8), at: "run.json")
        )
    }

    private static func json(_ person: Signature) -> JSONValue {
        ["name": .string(person.name), "email": .string(person.email)]
    }

    private static func signature(_ json: JSONValue?) -> Signature? {
        guard let name = json?["name"]?.string, let email = json?["email"]?.string else { return nil }
        return Signature(name: name, email: email)
    }
}
