//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import JSON

/// A version that became a model of its own, and how near it is to the base with the adapter.
package struct MergedModel: Hashable, Sendable {
    /// How far apart logits lie.
    package struct Difference: Hashable, Sendable {
        /// The largest distance, in parts of the largest logit.
        package let largest: Double
        /// The share of places at which the likeliest token is the same.
        package let same: Double
    }

    /// The type that the weights are stored in, such as `bfloat16`.
    package let dtype: String
    /// At how many places logits were compared.
    package let places: Int
    /// What adding the adapter in fp32 changed.
    package let merging: Difference
    /// What changed once the weights were of their type.
    package let rounding: Difference

    /// Reads what the trainer's `export` answers; nothing where it is something else.
    init?(_ answer: JSONValue) {
        guard let dtype = answer["dtype"]?.string, let places = answer["places"]?.int,
            let merging = Difference(answer["merging"]), let rounding = Difference(answer["rounding"])
        else { return nil }
        (self.dtype, self.places, self.merging, self.rounding) = (dtype, places, merging, rounding)
    }
}

extension MergedModel.Difference {
    fileprivate init?(_ value: JSONValue?) {
        guard let largest = value?["largest"]?.double, let same = value?["same"]?.double else { return nil }
        (self.largest, self.same) = (largest, same)
    }
}
