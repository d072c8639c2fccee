//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Packing
package import Resources
import YAML

/// What manifests say, and all that is wrong with them.
package struct ManifestResult: Hashable, Sendable {
    /// The resources that are free of errors; what refers to a faulty one is still in it.
    package var state: DesiredState
    /// All findings, by file and place.
    package var diagnostics: [Diagnostic]

    /// Whether any finding is an error.
    package var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }
}

extension ManifestResult {
    /// Adds what others found in these files, each finding with its line and in its place.
    package mutating func add(_ findings: [Diagnostic], from files: [ManifestFile]) {
        diagnostics = ManifestLoader.sorted(diagnostics + SourceLines.complete(findings, from: files))
    }
}

/// Turns manifests into desired state, or into diagnostics.
package enum ManifestLoader {
    /// The most findings that are reported; a file that is no manifest at all would bury the reader otherwise.
    static let findingLimit = 1000

    /// Reads all manifests of a repository together, so that all their errors are reported at once.
    ///
    /// `unreadable` says which further files could not be read, and why. What is remembered of a file by its content is
    /// not parsed again.
    package static func load(
        _ files: [ManifestFile],
        unreadable: [Diagnostic] = [],
        _ memory: ReadingMemory? = nil
    ) -> ManifestResult {
        var reading = RepositoryReading(memory)
        reading.add(unreadable: unreadable)
        reading.parse(files.sorted { $0.path < $1.path })
        reading.decode()
        reading.checkReferences()
        reading.addImpliedModels()
        reading.remember()
        let combined = ContextCheck.findings(reading.state) + CompanionCheck.findings(reading.state)
        let placed = SourceLines.complete(combined, from: files)
        return ManifestResult(state: reading.state, diagnostics: sorted(reading.diagnostics + placed))
    }

    static func sorted(_ diagnostics: [Diagnostic]) -> [Diagnostic] {
        var seen: Set<Diagnostic> = []
        let unique = diagnostics.filter { seen.insert($0).inserted }
        let sorted = unique.sorted { left, right in
            guard let one = left.range, let other = right.range else { return left.range == nil && right.range != nil }
            return (one.file, one.start, left.message) < (other.file, other.start, right.message)
        }
        guard sorted.count > findingLimit else { return sorted }
        let rest = Diagnostic("too-many-findings", "there are more findings than these \(findingLimit)")
        return sorted.prefix(findingLimit) + [rest]
    }
}
