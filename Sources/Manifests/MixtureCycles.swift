//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Resources

/// Finds datasets that are mixed of themselves, by however many others, and those of which mixtures of mixtures make more
/// than anybody could read.
struct MixtureCycles {
    private enum Mark {
        case open
        case done
    }

    private var parts: [String: [Reference]] = [:]
    private var marks: [String: Mark] = [:]
    /// How many datasets each comes down to, every one as often as it is named.
    private var sizes: [String: Int] = [:]
    private static let sizeLimit = 1000
    private(set) var findings: [Diagnostic] = []

    init(_ references: [Reference]) {
        for reference in references where reference.origin.kind == .dataset && reference.targets == [.dataset] {
            if let source = reference.origin.name { parts[source, default: []].append(reference) }
        }
        for name in parts.keys.sorted() { visit(name) }
    }

    /// Goes down to the parts of a dataset, and reports the reference that leads back to one above.
    private mutating func visit(_ start: String) {
        var path: [(name: String, rest: ArraySlice<Reference>)] = []
        enter(start, &path)
        while let last = path.last {
            guard let reference = last.rest.first else {
                marks[last.name] = .done
                measure(last.name)
                path.removeLast()
                continue
            }
            path[path.count - 1].rest = last.rest.dropFirst()
            if marks[reference.name] == .open {
                report(reference, path.map(\.name))
            } else {
                enter(reference.name, &path)
            }
        }
    }

    private mutating func enter(_ name: String, _ path: inout [(name: String, rest: ArraySlice<Reference>)]) {
        guard marks[name] == nil else { return }
        marks[name] = .open
        path.append((name, parts[name, default: []][...]))
    }

    /// Adds up what the parts come down to, and reports the one with which it is too much.
    private mutating func measure(_ name: String) {
        var size = 0
        for reference in parts[name, default: []] where size <= Self.sizeLimit {
            let part = sizes[reference.name] ?? 1
            size += part
            guard size > Self.sizeLimit, part <= Self.sizeLimit else { continue }
            let message = "the mixture comes down to more than \(Self.sizeLimit) datasets, each as often as it is named"
            findings.append(reference.place.diagnostic(.outOfRange, message))
        }
        sizes[name] = max(1, size)
    }

    private mutating func report(_ reference: Reference, _ path: [String]) {
        let cycle = path.drop { $0 != reference.name }.prefix(8) + [reference.name]
        let round = cycle.map { "`\(excerpt($0))`" }.joined(separator: " → ")
        findings.append(reference.place.diagnostic(.referenceCycle, "Datasets are mixed of each other: \(round)"))
    }
}
