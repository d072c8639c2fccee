//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import JSON
package import Resources

/// Base models for programs, in the format that `.docs/json.md` describes.
package enum BasesJSON {
    /// The document that `ftops bases` prints.
    package static func document(_ bases: [(ResourceName, BaseModel)]) -> JSONValue {
        ["format_version": "1.0", "bases": .array(bases.map(value))]
    }

    private static func value(_ name: ResourceName, _ base: BaseModel) -> JSONValue {
        [
            "name": .string(name.rawValue),
            "parameters": base.parameters.map { .double($0) } ?? .null,
            "context": base.context.map { .int($0) } ?? .null,
            "license": base.license.map { .string($0) } ?? .null,
            "backends": .array(places(of: base).map(value)),
        ]
    }

    private static func value(_ place: Place) -> JSONValue {
        [
            "backend": .string(place.backend),
            "source": .string(place.source),
            "pinned": .bool(place.isPinned),
            "hardware": place.hardware?.name.map { .string($0) } ?? .null,
            "gpus": place.hardware?.gpus.map { .int($0) } ?? .null,
            "price_per_minute": place.hardware?.pricePerMinute.map { .string($0.decimal) } ?? .null,
            "currency": "USD",
        ]
    }

    /// Where a base can be trained.
    struct Place {
        let backend: String
        let source: String
        let isPinned: Bool
        let hardware: BaseModel.Hardware?
    }

    static func places(of base: BaseModel) -> [Place] {
        var places: [Place] = []
        if let node = base.node {
            let (source, isPinned) = source(node.source)
            places.append(Place(backend: "node", source: source, isPinned: isPinned, hardware: node.hardware))
        }
        if let replicate = base.replicate {
            let (source, isPinned) = (replicate.version, replicate.version.contains(":"))
            places.append(Place(backend: "replicate", source: source, isPinned: isPinned, hardware: replicate.hardware))
        }
        return places
    }

    private static func source(_ source: BaseModel.NodeSource) -> (String, isPinned: Bool) {
        switch source {
        case .huggingFace(let id, let revision):
            (revision.isEmpty ? id : "\(id)@\(revision)", BaseModel.isCommit(revision))
        case .python(let package, let version): (version.isEmpty ? package : "\(package)==\(version)", !version.isEmpty)
        case .path(let path): (path, false)
        }
    }

    /// A number of parameters as people write it: `6.74B`, `270M`.
    static func size(_ parameters: Double) -> String {
        let units: [(Double, String)] = [(1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "K")]
        guard let (unit, letter) = units.first(where: { parameters >= $0.0 }) else {
            return Figures.count(Int(parameters))
        }
        var text = Figures.fixed(parameters / unit, places: 2)
        while text.hasSuffix("0") { text.removeLast() }
        return (text.hasSuffix(".") ? String(text.dropLast()) : text) + letter
    }
}
