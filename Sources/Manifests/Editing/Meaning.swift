//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import YAML

/// What a text says, however it is laid out.
indirect enum Meaning: Equatable {
    /// A scalar's text, its tag, and what it is to a reader that is told no type.
    case scalar(String, String?, YAMLValue?)
    case sequence([Meaning])
    case mapping([Meaning])
}

extension YAMLNode {
    /// The node without places and styles.
    var meaning: Meaning {
        switch content {
        case .scalar(let scalar):
            let value = CoreSchema.value(of: scalar)
            // What is no number is not itself either, where numbers are compared.
            let isNumber = !(value?.double?.isNaN ?? false)
            return .scalar(scalar.text, scalar.tag, isNumber ? value : .string(".nan"))
        case .sequence(let elements): return .sequence(elements.map(\.meaning))
        case .mapping(let pairs): return .mapping(pairs.flatMap { [$0.key.meaning, $0.value.meaning] })
        }
    }
}
