//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Packing
package import Resources

extension VersionRecord.Inputs: Packable {
    /// Writes the inputs.
    package func pack(to packer: inout Packer) {
        packer.text(base.rawValue)
        packer.text(baseIdentity)
        packer.optional(baseSource) { $0.value($1) }
        packer.optional(parent) { $0.value($1) }
        packer.text(dataset.rawValue)
        packer.text(source)
        packer.digest(sourceDigest)
        packer.digest(train)
        packer.int(trainRows)
        packer.optional(validation) { $0.digest($1) }
        packer.int(validationRows)
        packer.optional(rowDigests) { $0.digest($1) }
        packer.optional(template) { $0.text($1.rawValue) }
        packer.value(form)
        packer.list(stop) { $0.text($1) }
        packer.value(parameters)
    }

    /// Reads inputs.
    package init(from unpacker: inout Unpacker) throws(PackingError) {
        self.init(
            base: try unpacker.name(),
            baseIdentity: try unpacker.text(),
            baseSource: try unpacker.optionalValue(),
            parent: try unpacker.optionalValue(),
            dataset: try unpacker.name(),
            source: try unpacker.text(),
            sourceDigest: try unpacker.digest(),
            train: try unpacker.digest(),
            trainRows: try unpacker.int(),
            validation: try unpacker.optionalDigest(),
            validationRows: try unpacker.int(),
            rowDigests: try unpacker.optionalDigest(),
            template: try unpacker.optionalName(),
            form: try unpacker.value(),
            stop: try unpacker.list { unpacker throws(PackingError) in try unpacker.text() },
            parameters: try unpacker.value()
        )
    }

}

extension ParameterValues: Packable {
    /// Writes the values.
    package func pack(to packer: inout Packer) {
        packer.bool(hasDefaults)
        packer.list(settings) {
            $0.text($1.name)
            $0.value($1.value)
        }
    }

    /// Reads values.
    package init(from unpacker: inout Unpacker) throws(PackingError) {
        self.init(
            hasDefaults: try unpacker.bool(),
            settings: try unpacker.list { unpacker throws(PackingError) in
                Setting(name: try unpacker.text(), value: try unpacker.value())
            }
        )
    }
}

extension VersionRecord.Parent: Packable {
    /// Writes the parent.
    package func pack(to packer: inout Packer) {
        packer.text(fineTune.rawValue)
        packer.digest(fingerprint.digest)
        packer.optional(version) { $0.digest($1) }
    }

    /// Reads a parent.
    package init(from unpacker: inout Unpacker) throws(PackingError) {
        self.init(
            fineTune: try unpacker.name(),
            fingerprint: Fingerprint(try unpacker.digest()),
            version: try unpacker.optionalDigest()
        )
    }
}

extension BaseModel.NodeSource: Packable {
    /// Writes the source.
    package func pack(to packer: inout Packer) {
        switch self {
        case .path(let path):
            packer.byte(0)
            packer.text(path)
        case .python(let package, let version):
            packer.byte(1)
            packer.text(package)
            packer.text(version)
        case .huggingFace(let id, let revision):
            packer.byte(2)
            packer.text(id)
            packer.text(revision)
        }
    }

    /// Reads a source.
    package init(from unpacker: inout Unpacker) throws(PackingError) {
        switch try unpacker.byte() {
        case 0: self = .path(try unpacker.text())
        case 1: self = .python(package: try unpacker.text(), version: try unpacker.text())
        case 2: self = .huggingFace(id: try unpacker.text(), revision: try unpacker.text())
        default: throw PackingError()
        }
    }
}

extension Template.Form: Packable {
    /// Writes the form.
    package func pack(to packer: inout Packer) {
        switch self {
        case .promptCompletion(let prompt, let completion):
            packer.byte(0)
            packer.text(prompt)
            packer.text(completion)
        case .text(let text):
            packer.byte(1)
            packer.text(text)
        case .messages(let field):
            packer.byte(2)
            packer.text(field)
        case .preference(let prompt, let chosen, let rejected):
            packer.byte(3)
            for text in [prompt, chosen, rejected] { packer.text(text) }
        }
    }

    /// Reads a form.
    package init(from unpacker: inout Unpacker) throws(PackingError) {
        switch try unpacker.byte() {
        case 0: self = .promptCompletion(prompt: try unpacker.text(), completion: try unpacker.text())
        case 1: self = .text(try unpacker.text())
        case 2: self = .messages(field: try unpacker.text())
        case 3:
            self = .preference(
                prompt: try unpacker.text(),
                chosen: try unpacker.text(),
                rejected: try unpacker.text()
            )
        default: throw PackingError()
        }
    }
}

extension HyperparameterValue: Packable {
    /// Writes the value.
    package func pack(to packer: inout Packer) {
        switch self {
        case .bool(let value):
            packer.byte(0)
            packer.bool(value)
        case .integer(let value):
            packer.byte(1)
            packer.int(value)
        case .number(let value):
            packer.byte(2)
            packer.double(value)
        case .text(let value):
            packer.byte(3)
            packer.text(value)
        case .list(let values):
            packer.byte(4)
            packer.list(values) { $0.text($1) }
        }
    }

    /// Reads a value.
    package init(from unpacker: inout Unpacker) throws(PackingError) {
        switch try unpacker.byte() {
        case 0: self = .bool(try unpacker.bool())
        case 1: self = .integer(try unpacker.int())
        case 2: self = .number(try unpacker.double())
        case 3: self = .text(try unpacker.text())
        case 4: self = .list(try unpacker.list { unpacker throws(PackingError) in try unpacker.text() })
        default: throw PackingError()
        }
    }
}
