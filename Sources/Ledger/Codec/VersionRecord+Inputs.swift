//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Resources
import YAML

extension VersionRecord.Inputs {
    var yaml: YAMLValue {
        let parameters = parameters.all.sorted { $0.key < $1.key }.map { YAMLPair($0.key, $0.value.yaml) }
        return .mapping(present: [
            ("base", .of(base)),
            ("baseIdentity", .string(baseIdentity)),
            ("baseSource", baseSource?.yaml),
            ("parent", parent?.yaml),
            ("dataset", .of(dataset)),
            ("source", .string(source)),
            ("sourceDigest", .of(sourceDigest)),
            ("train", .of(train)),
            ("trainRows", .int(trainRows)),
            ("validation", validation.map { .of($0) }),
            ("validationRows", .int(validationRows)),
            ("rowDigests", rowDigests.map { .of($0) }),
            ("template", template.map { .of($0) }),
            ("form", form.yaml),
            ("stop", .texts(stop)),
            ("parameters", .mapping(parameters)),
        ])
    }

    init(_ field: Field) throws(FieldError) {
        self.init(
            base: try field.required("base").name(),
            baseIdentity: try field.required("baseIdentity").text(),
            baseSource: try field["baseSource"].map { field throws(FieldError) in try BaseModel.NodeSource(field) },
            parent: try field["parent"].map { field throws(FieldError) in try VersionRecord.Parent(field) },
            dataset: try field.required("dataset").name(),
            source: try field.required("source").text(),
            sourceDigest: try field.required("sourceDigest").digest(),
            train: try field.required("train").digest(),
            trainRows: try field.required("trainRows").int(),
            validation: try field["validation"]?.digest(),
            validationRows: try field.required("validationRows").int(),
            rowDigests: try field["rowDigests"]?.digest(),
            template: try field["template"]?.name(),
            form: try Template.Form(try field.required("form")),
            stop: try field.required("stop").texts(),
            parameters: try Self.parameters(try field.required("parameters"))
        )
    }

    private static func parameters(_ field: Field) throws(FieldError) -> ParameterValues {
        var parameters: [String: HyperparameterValue] = [:]
        for (name, value) in try field.entries() { parameters[name] = try HyperparameterValue(value) }
        return ParameterValues(parameters)
    }
}

extension VersionRecord.Parent {
    var yaml: YAMLValue {
        .mapping(present: [
            ("fineTune", .of(fineTune)), ("fingerprint", .string(fingerprint.rawValue)),
            ("version", version.map { .of($0) }),
        ])
    }

    init(_ field: Field) throws(FieldError) {
        self.init(
            fineTune: try field.required("fineTune").name(),
            fingerprint: try field.required("fingerprint").fingerprint(),
            version: try field["version"]?.digest()
        )
    }
}

extension BaseModel.NodeSource {
    var yaml: YAMLValue {
        switch self {
        case .path(let path): ["path": .string(path)]
        case .python(let package, let version): ["python": .string(package), "version": .string(version)]
        case .huggingFace(let id, let revision): ["huggingface": .string(id), "revision": .string(revision)]
        }
    }

    init(_ field: Field) throws(FieldError) {
        if let path = field["path"] {
            self = .path(try path.text())
        } else if let package = field["python"] {
            self = .python(package: try package.text(), version: try field.required("version").text())
        } else if let id = field["huggingface"] {
            self = .huggingFace(id: try id.text(), revision: try field.required("revision").text())
        } else {
            throw field.expected("a path, a python package or a huggingface repository")
        }
    }
}

extension Template.Form {
    var yaml: YAMLValue {
        switch self {
        case .promptCompletion(let prompt, let completion):
            ["prompt": .string(prompt), "completion": .string(completion)]
        case .preference(let prompt, let chosen, let rejected):
            ["prompt": .string(prompt), "chosen": .string(chosen), "rejected": .string(rejected)]
        case .text(let text): ["text": .string(text)]
        case .messages(let field): ["messages": .string(field)]
        }
    }

    init(_ field: Field) throws(FieldError) {
        if let prompt = field["prompt"], let chosen = field["chosen"] {
            let rejected = try field.required("rejected").text()
            self = .preference(prompt: try prompt.text(), chosen: try chosen.text(), rejected: rejected)
        } else if let prompt = field["prompt"] {
            self = .promptCompletion(prompt: try prompt.text(), completion: try field.required("completion").text())
        } else if let text = field["text"] {
            self = .text(try text.text())
        } else if let name = field["messages"] {
            self = .messages(field: try name.text())
        } else {
            throw field.expected(
                "a prompt with its completion, or with chosen and rejected, a text, or the field of messages"
            )
        }
    }
}

extension HyperparameterValue {
    var yaml: YAMLValue {
        switch self {
        case .bool(let value): .bool(value)
        case .integer(let value): .int(value)
        case .number(let value): .double(value)
        case .text(let value): .string(value)
        case .list(let values): .texts(values)
        }
    }

    init(_ field: Field) throws(FieldError) {
        switch field.value() {
        case .bool(let value): self = .bool(value)
        case .int(let value): self = .integer(value)
        case .double(let value): self = .number(value)
        case .string(let value): self = .text(value)
        case .sequence: self = .list(try field.texts())
        case .null, .mapping: throw field.expected("a hyperparameter's value")
        }
    }
}
