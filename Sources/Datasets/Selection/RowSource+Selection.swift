//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import POSIX
internal import Resources
internal import Synchronization

extension RowSource {
    /// The rows of this source that the steps keep, in their order; `counts` is told of each pass that came to its end.
    func selecting(
        _ steps: RowSteps,
        by identity: RowIdentity,
        from known: RowStepCounts? = nil,
        counts: @escaping @Sendable (RowStepCounts) -> Void = { _ in }
    ) -> RowSource {
        guard !steps.isEmpty else { return self }
        let upstream = self
        var source = RowSource(name: name) {
            let stream = try SelectionStream(upstream, steps, identity, from: known)
            return {
                if let chunk = try stream.next() { return chunk }
                counts(stream.counts)
                return nil
            }
        }
        source.origin = { try upstream.openOrigin() }
        source.locate = { lines in
            guard steps.shuffle != nil else { return try upstream.places(of: lines) }
            let stream = try SelectionStream(upstream, steps, identity)
            while try stream.next() != nil {}
            let all = stream.shuffledLines
            return try upstream.places(of: lines.map { $0 >= 1 && $0 <= all.count ? all[$0 - 1] : $0 })
        }
        return source
    }
}
