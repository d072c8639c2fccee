//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// Searches texts for a pattern, and remembers which sets of steps it came to: nearly each character then costs one
/// look into a table.
struct PatternSearch {
    /// A place in a text as far as the automaton knows it.
    private struct State: Hashable {
        /// The steps that are to be tried next, sorted.
        var steps: [Int]
        var before: Neighbour
    }

    /// What stands beside a place.
    private enum Neighbour: Hashable {
        case edge
        case word
        case newline
        case other

        init(_ scalar: UInt32) {
            self = scalar == 0x0A ? .newline : ScalarSet.wordCharacters.contains(scalar) ? .word : .other
        }
    }

    /// States that are remembered at most; then all are forgotten.
    private static let stateLimit = 500
    private static let unknown = -1
    private static let found = -2

    private let pattern: TextPattern
    private var places: [State: Int] = [:]
    private var states: [State] = []
    /// For each state and class, and behind the classes for the text's end, the state that follows.
    private var table: [Int] = []

    init(_ pattern: TextPattern) {
        self.pattern = pattern
        forget()
    }

    private mutating func forget() {
        (places, states, table) = ([:], [], [])
        _ = place(of: State(steps: [0], before: .edge))
    }

    private var width: Int { pattern.classes.count + 1 }

    private mutating func place(of state: State) -> Int {
        if let place = places[state] { return place }
        let place = states.count
        places[state] = place
        states.append(state)
        table.append(contentsOf: repeatElement(Self.unknown, count: width))
        return place
    }

    /// Whether the pattern is somewhere in a text.
    mutating func finds(in text: String) -> Bool {
        var place = 0
        for scalar in text.unicodeScalars {
            place = follow(place, pattern.classes.index(of: scalar))
            if place == Self.found { return true }
        }
        return follow(place, width - 1) == Self.found
    }

    private mutating func follow(_ place: Int, _ index: Int) -> Int {
        let known = table[place * width + index]
        if known != Self.unknown { return known }
        let state = states[place]
        let scalar = index == width - 1 ? nil : pattern.classes.example(of: index)
        guard let next = next(state, scalar) else {
            table[place * width + index] = Self.found
            return Self.found
        }
        if states.count >= Self.stateLimit, places[next] == nil {
            forget()
            return self.place(of: next)
        }
        let result = self.place(of: next)
        table[place * width + index] = result
        return result
    }

    /// The state behind a character, or behind none at the text's end; nothing where the pattern is found before it.
    private func next(_ state: State, _ scalar: UInt32?) -> State? {
        let after = scalar.map { Neighbour($0) } ?? .edge
        var seen = [Bool](repeating: false, count: pattern.steps.count)
        var stack = state.steps
        // A match may start at each place.
        var following: Set<Int> = [0]
        while let step = stack.popLast() {
            guard !seen[step] else { continue }
            seen[step] = true
            switch pattern.steps[step] {
            case .found: return nil
            case .jump(let target): stack.append(target)
            case .fork(let first, let second): stack += [second, first]
            case .assert(let assertion):
                if Self.holds(assertion, between: state.before, and: after) { stack.append(step + 1) }
            case .take(let set):
                if let scalar, set.contains(scalar) { following.insert(step + 1) }
            }
        }
        return State(steps: following.sorted(), before: after)
    }

    private static func holds(_ assertion: PatternAssertion, between before: Neighbour, and after: Neighbour) -> Bool {
        switch assertion {
        case .textStart: before == .edge
        case .textEnd: after == .edge
        case .lineStart: before == .edge || before == .newline
        case .lineEnd: after == .edge || after == .newline
        case .wordBoundary: (before == .word) != (after == .word)
        case .noWordBoundary: (before == .word) == (after == .word)
        }
    }
}
