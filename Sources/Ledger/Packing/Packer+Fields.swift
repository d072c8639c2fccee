//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Packing
import Resources

extension Packer {
    mutating func digest(_ digest: ContentDigest) {
        word(digest.words.0)
        word(digest.words.1)
        word(digest.words.2)
        word(digest.words.3)
    }

    mutating func model(_ model: ModelName) {
        text(model.owner)
        text(model.name)
    }

    mutating func time(_ time: Timestamp) { int(Int(time.seconds)) }

    mutating func money(_ money: Money) { int(Int(money.micros)) }

    mutating func choice(_ value: some RawRepresentable<String>) { text(value.rawValue) }
}

extension Unpacker {
    mutating func digest() throws(PackingError) -> ContentDigest {
        ContentDigest(words: (try word(), try word(), try word(), try word()))
    }

    mutating func model() throws(PackingError) -> ModelName { ModelName(owner: try text(), name: try text()) }

    mutating func name() throws(PackingError) -> ResourceName { ResourceName(rawValue: try text()) }

    mutating func names() throws(PackingError) -> [ResourceName] {
        try list { unpacker throws(PackingError) in try unpacker.name() }
    }

    mutating func time() throws(PackingError) -> Timestamp { Timestamp(seconds: Int64(try int())) }

    mutating func money() throws(PackingError) -> Money { Money(micros: Int64(try int())) }

    mutating func choice<Value: RawRepresentable<String>>() throws(PackingError) -> Value {
        guard let value = Value(rawValue: try text()) else { throw PackingError() }
        return value
    }

    mutating func optionalValue<Value: Packable>() throws(PackingError) -> Value? { try bool() ? try value() : nil }

    mutating func optionalText() throws(PackingError) -> String? { try bool() ? try text() : nil }

    mutating func optionalName() throws(PackingError) -> ResourceName? { try bool() ? try name() : nil }

    mutating func optionalInt() throws(PackingError) -> Int? { try bool() ? try int() : nil }

    mutating func optionalDouble() throws(PackingError) -> Double? { try bool() ? try double() : nil }

    mutating func optionalDigest() throws(PackingError) -> ContentDigest? { try bool() ? try digest() : nil }

    mutating func optionalTime() throws(PackingError) -> Timestamp? { try bool() ? try time() : nil }

    mutating func optionalMoney() throws(PackingError) -> Money? { try bool() ? try money() : nil }
}
