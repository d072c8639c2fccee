//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// A model to start from; its sources are declared to be the same weights.
package struct BaseModel: Hashable, Sendable {
    /// Where the node takes the weights from.
    package enum NodeSource: Hashable, Sendable {
        /// A folder in Hugging Face layout, by a path from the top of the manifest repository or an absolute one.
        case path(String)
        /// A Python package that ships the weights, pinned.
        case python(package: String, version: String)
        /// A repository of the Hugging Face hub at a commit of 40 hexadecimal digits.
        case huggingFace(id: String, revision: String)
    }

    /// What trains, for estimates.
    package struct Hardware: Hashable, Sendable {
        /// The hardware's name, for people.
        package var name: String?
        /// Its number of GPUs.
        package var gpus: Int?
        /// The bytes of memory of one of them; the machine's where it has none.
        package var memory: Int?
        /// Training throughput of all of it together, in data tokens a second.
        package var tokensPerSecond: Double?
        /// Time from asking to the first step.
        package var startup: Duration?
        /// Price in US dollars a minute.
        package var pricePerMinute: Money?

        /// Makes a description of hardware.
        package init(
            name: String? = nil,
            gpus: Int? = nil,
            memory: Int? = nil,
            tokensPerSecond: Double? = nil,
            startup: Duration? = nil,
            pricePerMinute: Money? = nil
        ) {
            self.name = name
            self.gpus = gpus
            self.memory = memory
            self.tokensPerSecond = tokensPerSecond
            self.startup = startup
            self.pricePerMinute = pricePerMinute
        }
    }

    /// Where the node takes the weights, and how fast it trains.
    package struct Node: Hashable, Sendable {
        /// Where the weights come from.
        package var source: NodeSource
        /// What the node trains on; learned from versions where absent.
        package var hardware: Hardware?

        /// Makes a node's part of a base model.
        package init(source: NodeSource, hardware: Hardware? = nil) {
            self.source = source
            self.hardware = hardware
        }
    }

    /// The base at Replicate.
    package struct Replicate: Hashable, Sendable {
        /// The model's version as `owner/name:<64 hexadecimal digits>`.
        package var version: String
        /// What Replicate trains it on.
        package var hardware: Hardware?

        /// Makes Replicate's part of a base model.
        package init(version: String, hardware: Hardware? = nil) {
            self.version = version
            self.hardware = hardware
        }
    }

    /// Whether a text is a commit, all of it: 40 hexadecimal digits.
    package static func isCommit(_ text: String) -> Bool {
        text.utf8.count == 40 && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }

    /// An identity that stands for the weights whatever the sources say.
    package var identity: String?
    /// Number of parameters.
    package var parameters: Double?
    /// Context length in tokens.
    package var context: Int?
    /// The licence's identifier.
    package var license: String?
    /// The base on the node.
    package var node: Node?
    /// The base at Replicate.
    package var replicate: Replicate?

    /// Makes a base model.
    package init(
        identity: String? = nil,
        parameters: Double? = nil,
        context: Int? = nil,
        license: String? = nil,
        node: Node? = nil,
        replicate: Replicate? = nil
    ) {
        self.identity = identity
        self.parameters = parameters
        self.context = context
        self.license = license
        self.node = node
        self.replicate = replicate
    }

    /// What a backend trains it on; the node's stands for Slurm's too.
    package func hardware(of backend: FineTune.Backend) -> Hardware? {
        switch backend {
        case .replicate: replicate?.hardware
        case .node, .slurm, .auto: node?.hardware
        }
    }
}

extension BaseModel {
    /// Whether the manifest alone says which weights these are: a folder's may change under it.
    package var isPinned: Bool {
        if case .path = node?.source { identity != nil } else { true }
    }
}
