//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Resources
import YAML

extension KindTable {
    static let project = KindTable(
        summary: "Settings of the whole repository, which has one or none; every field is optional.",
        example: """
            apiVersion: ftops/v1
            kind: Project
            metadata: {name: acme}
            spec:
              owner: acme
              git: {remote: origin, branch: main}
              artifacts: {store: /srv/models}
              backends:
                node: {price_per_gpu_hour: 1.10}
            """,
        spec: MappingTable([
            FieldRow("owner", .text(.name), "The owner of destinations that name none; `local` where absent."),
            FieldRow("git", .mapping(git), "Where versions and the ledger go in git."),
            FieldRow("artifacts", .mapping(artifacts), "Where weights go; the state folder where absent."),
            FieldRow("backends", .mapping(backends), "Where runs happen."),
            FieldRow("budget", .mapping(budget), "What versions may cost; more than that is blocked."),
            FieldRow("policies", .mapping(policies), "What may be trained; anything else is blocked."),
            FieldRow(
                "on_trainer_change",
                .choice(of: Project.TrainerChange.self),
                "What becomes of versions of an older trainer."
            ).standard("keep"),
            FieldRow("warnings", .mapping(warnings), "Which warnings are left out, and which block a training."),
            FieldRow(
                "tracking",
                .list(.choice(of: Project.Tracker.self)),
                "What shows the figures of a training while it runs, beside ftops; nothing where absent."
            ).distinct,
            notify.notYet,
            suspend,
        ])
    )

    private static let warnings = MappingTable([
        FieldRow("silence", .list(.choice(FindingCatalog.warnings)), "Codes of warnings that are left out."),
        FieldRow("deny", .list(.choice(FindingCatalog.warnings)), "Codes of warnings that block, as a policy does."),
    ])

    private static let git = MappingTable([
        FieldRow(
            "remote",
            .text(.filled),
            "The remote's name; `none` keeps all in this repository. The branch's upstream where absent."
        ),
        FieldRow("branch", .text(.filled), "The branch that gets versions; the one that is checked out where absent."),
        FieldRow("push", .bool, "Whether versions are pushed.").standard(true),
        FieldRow("results", .choice(["commit"], later: ["pull-request"]), "How versions come back.")
            .standard("commit"),
        FieldRow("ledger", .text(.ref), "The ref in which runs are claimed.").standard("refs/ftops/ledger"),
    ])

    private static let artifacts = MappingTable([
        FieldRow("store", .text(.store), "A folder, or a bucket of a store that speaks S3.").required
    ])

    private static let backends = MappingTable([
        FieldRow("default", backend, "Where a FineTune trains that does not say.").standard("node"),
        FieldRow("node", .mapping(node), "This machine."),
        FieldRow(
            "slurm",
            .mapping(
                MappingTable([
                    FieldRow("partition", .text(), "The partition."),
                    FieldRow("account", .text(), "The account."),
                    FieldRow("options", .list(.text()), "Options of sbatch."),
                ])
            ),
            "A cluster."
        ).notYet,
        FieldRow(
            "replicate",
            .mapping(
                MappingTable([
                    FieldRow("url", .text(), "The address."),
                    FieldRow("token", .secret, "The variable that has the token."),
                ])
            ),
            "The API of Replicate."
        ).notYet,
    ])

    private static let node = MappingTable([
        FieldRow("devices", .text(), "GPUs that runs may take.").notYet,
        FieldRow("reserve", .list(.integer(0...Int.max)), "GPUs that runs leave alone.").notYet,
        FieldRow("price_per_gpu_hour", .money, "What an hour of a GPU costs; nothing where absent."),
    ])

    private static let budget = MappingTable([
        FieldRow("per_run", .money, "Dollars that a run may cost."),
        FieldRow("per_month", .money, "Dollars that a month may cost."),
    ])

    private static let policies = MappingTable([
        FieldRow("bases", .list(.text(.filled)), "Bases that may be trained, by names such as `llama-2-*`."),
        FieldRow("licenses", .list(.text(.filled)), "Licences that bases may have."),
        FieldRow("pinned", .choice(["required"]), "Whether sources are pinned."),
        FieldRow("validation", .choice(["required"]), "Whether datasets have rows that validate."),
        FieldRow("windows", .list(.text(.window)), "When training may begin."),
    ])
}
