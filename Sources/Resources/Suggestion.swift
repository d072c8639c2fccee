//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// Finds the name that was probably meant.
package enum Suggestion {
    /// The longest text that is compared; a longer one is no slip of the finger.
    private static let lengthLimit = 100
    /// The most candidates that are compared, so that many wrong names among many take no minutes.
    private static let candidateLimit = 1000

    /// The candidate nearest to a text, or nothing where none is near; of equally near ones the first by name.
    package static func nearest(_ text: String, among candidates: some Collection<String>) -> String? {
        let wanted = folded(text)
        guard !wanted.isEmpty, wanted.count <= lengthLimit, candidates.count <= candidateLimit else { return nil }
        var best: (distance: Int, candidate: String)?
        for candidate in candidates where candidate != text {
            let other = folded(candidate)
            let limit = max(1, max(wanted.count, other.count) / 3)
            guard other.count <= lengthLimit, abs(other.count - wanted.count) <= limit else { continue }
            let distance = distance(wanted, other)
            guard distance <= limit, distance < max(wanted.count, other.count) else { continue }
            if let known = best, (known.distance, known.candidate) <= (distance, candidate) { continue }
            best = (distance, candidate)
        }
        return best?.candidate
    }

    /// Case and separators are what people remember least.
    private static func folded(_ text: String) -> [Unicode.Scalar] {
        text.lowercased().unicodeScalars.map { $0 == "-" ? "_" : $0 }
    }

    /// Insertions, deletions, replacements and swaps of neighbours that lead from one text to the other.
    static func distance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...right.count)
        for (row, scalar) in left.enumerated() {
            var current = [row + 1]
            for (column, other) in right.enumerated() {
                var cost = min(last[column + 1] + 1, current[column] + 1, last[column] + (scalar == other ? 0 : 1))
                if row > 0, column > 0, scalar == right[column - 1], left[row - 1] == other {
                    cost = min(cost, beforeLast[column - 1] + 1)
                }
                current.append(cost)
            }
            (beforeLast, last) = (last, current)
        }
        return last[right.count]
    }
}
