//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// A regular expression that is searched for in time linear in the text, whatever it says.
///
/// Texts decide about rows, so the same pattern has to find the same on every machine: it depends on no library and no
/// locale. There is no way back in it, and no reference: `PatternSearch` follows all ways at once.
struct TextPattern: Hashable, Sendable {
    /// A step of the automaton.
    enum Step: Hashable, Sendable {
        /// Takes a character of a set, and goes on with the next step.
        case take(ScalarSet)
        case assert(PatternAssertion)
        case jump(Int)
        case fork(Int, Int)
        case found
    }

    /// Steps that an automaton has at most: repetitions are written out.
    private static let stepLimit = 1000
    /// Scalars that a pattern has at most.
    private static let lengthLimit = 1000

    let steps: [Step]
    let classes: ScalarClasses

    init(_ text: String) throws(PatternError) {
        guard text.unicodeScalars.count <= Self.lengthLimit else {
            throw PatternError(message: "a pattern has at most \(Self.lengthLimit) characters", offset: 0)
        }
        var parser = PatternParser(text)
        var steps: [Step] = []
        try Self.append(try parser.parse(), to: &steps)
        steps.append(.found)
        self.steps = steps
        classes = ScalarClasses(steps)
    }

    private static func append(_ node: PatternNode, to steps: inout [Step]) throws(PatternError) {
        guard steps.count < stepLimit else {
            throw PatternError(message: "the pattern is too large: its repetitions multiply", offset: 0)
        }
        switch node {
        case .nothing: break
        case .set(let set): steps.append(.take(set))
        case .assertion(let assertion): steps.append(.assert(assertion))
        case .sequence(let nodes): for node in nodes { try append(node, to: &steps) }
        case .choice(let nodes): try append(choice: nodes, to: &steps)
        case .repetition(let node, let least, let most):
            for _ in 0..<least { try append(node, to: &steps) }
            guard let most else { return try append(star: node, to: &steps) }
            var forks: [Int] = []
            for _ in least..<most {
                forks.append(steps.count)
                steps.append(.jump(0))
                try append(node, to: &steps)
            }
            for fork in forks { steps[fork] = .fork(fork + 1, steps.count) }
        }
    }

    private static func append(star node: PatternNode, to steps: inout [Step]) throws(PatternError) {
        let fork = steps.count
        steps.append(.jump(0))
        try append(node, to: &steps)
        steps.append(.jump(fork))
        steps[fork] = .fork(fork + 1, steps.count)
    }

    private static func append(choice nodes: [PatternNode], to steps: inout [Step]) throws(PatternError) {
        var ends: [Int] = []
        for (index, node) in nodes.enumerated() {
            let fork = steps.count
            let isLast = index == nodes.count - 1
            if !isLast { steps.append(.jump(0)) }
            try append(node, to: &steps)
            guard !isLast else { continue }
            ends.append(steps.count)
            steps.append(.jump(0))
            steps[fork] = .fork(fork + 1, steps.count)
        }
        for end in ends { steps[end] = .jump(steps.count) }
    }
}

/// The classes of scalars that an automaton tells apart.
struct ScalarClasses: Hashable, Sendable {
    /// The first scalar of each class, sorted.
    private let starts: [UInt32]
    /// The classes of the first 128 scalars.
    private let ascii: [UInt16]

    init(_ steps: [TextPattern.Step]) {
        var sets: [ScalarSet] = [.wordCharacters, .newline]
        for case .take(let set) in steps { sets.append(set) }
        var starts: Set<UInt32> = [0]
        for range in sets.flatMap(\.ranges) {
            starts.insert(range.lowerBound)
            if range.upperBound < 0x10FFFF { starts.insert(range.upperBound + 1) }
        }
        let sorted = starts.sorted()
        self.starts = sorted
        ascii = (0..<128).map { UInt16(Self.find($0, in: sorted)) }
    }

    var count: Int { starts.count }

    /// A scalar that stands for all of its class.
    func example(of index: Int) -> UInt32 { starts[index] }

    func index(of scalar: UnicodeScalar) -> Int {
        scalar.value < 128 ? Int(ascii[Int(scalar.value)]) : Self.find(scalar.value, in: starts)
    }

    private static func find(_ value: UInt32, in starts: [UInt32]) -> Int {
        var (low, high) = (0, starts.count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if starts[middle] <= value { low = middle } else { high = middle }
        }
        return low
    }
}
