//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Datasets
package import Downloads
package import Git
internal import Ledger
internal import Manifests
internal import POSIX
package import Resources
package import Runs

/// A manifest repository together with this machine's places and clock: what every command starts from.
package struct Workspace {
    /// The user's repository.
    package let repository: GitRepository
    /// Where this machine keeps its things.
    package let places: Places
    /// Reads the time.
    package let now: () -> Timestamp

    /// Whether what is known of files that did not change is taken from the cache.
    package var remembers = true

    /// Whether nobody vouches for the manifests and what they name.
    package internal(set) var isForStrangers = false

    private let memory: RepositoryMemory
    private let unaided = RecordMemory()
    /// Versions and runs that were read before.
    var records: RecordMemory { remembers ? memory.records : unaided }

    /// Begins to recall what was read before, for those who list manifests first.
    func readAhead() {
        if remembers { memory.readAhead() }
    }

    /// Whether and how tokens are counted by bases' own tokenizers.
    package var counting = Counting()

    /// Downloads what datasets name elsewhere.
    package var fetcher: SourceFetcher

    /// Starts what opening a repository takes.
    package static func prepare() { GitRepository.prepare() }

    /// Opens the repository that a folder lies in.
    package init(directory: String, places: Places, now: @escaping () -> Timestamp) throws {
        repository = try GitRepository(discovering: directory)
        self.places = places
        memory = RepositoryMemory(folder: places.cache + "/parsed", repository: repository.commonDirectory)
        self.now = now
        fetcher = SourceFetcher(cache: places.cache, environment: ProcessEnvironment.variables)
    }

    /// The manifests and what they are read from.
    package struct Desired {
        /// The files that were read.
        package let files: RepositoryFiles
        /// The resources, without errors.
        package internal(set) var state: DesiredState
        /// Findings that are no errors.
        package internal(set) var warnings: [Diagnostic]
        /// The commit that is checked out, or was named.
        package let commit: ObjectID?
        /// Manifests, and data that they name, that differ from the commit or are not in it.
        package let uncommitted: [String]
        /// The manifests as they were read.
        let manifests: [ManifestFile]

        /// The project's settings, or the standard ones.
        package var project: Project { state.project?.spec ?? Project() }

        /// Findings with the lines of the manifests that they are about.
        func withLines(_ findings: [Diagnostic]) throws -> [Diagnostic] {
            guard findings.contains(where: { $0.sourceLine == nil }) else { return findings }
            return SourceLines.complete(findings, from: try files.manifests())
        }

        /// Does something, and completes the findings of the error that it ends in.
        func withLines<Value>(_ body: () throws -> Value) throws -> Value {
            do {
                return try body()
            } catch let error as ReconcilerError {
                throw ReconcilerError(error.code, error.message, diagnostics: try withLines(error.diagnostics))
            }
        }
    }

    /// Where manifests are to be read from.
    package enum Revision: Hashable, Sendable {
        /// The work tree where there is one, else HEAD.
        case present
        /// The commit that is checked out.
        case head
        /// The commit that a revision names.
        case named(String)
    }

    /// Reads the manifests; errors in them are thrown with all their findings.
    package func desired(at revision: Revision = .present) throws -> Desired {
        let result = try read(revision)
        let errors = result.diagnostics.filter { $0.severity == .error }
        guard errors.isEmpty else {
            let count = errors.count == 1 ? "1 error" : "\(errors.count) errors"
            throw ReconcilerError(.invalid, "the manifests have \(count)", diagnostics: result.diagnostics)
        }
        return result.desired
    }

    /// Reads the manifests and says all that is wrong with them.
    package func read(_ revision: Revision) throws -> (desired: Desired, diagnostics: [Diagnostic]) {
        let (files, commit) = try origin(revision)
        let listing = try files.listing()
        let manifests = listing.manifests
        let remembered = remembers ? memory.reading : nil
        var result = ManifestLoader.load(manifests, unreadable: listing.unreadable, remembered)
        result.add(TemplateCheck.findings(result.state, in: manifests), from: manifests)
        result.add(FilterCheck.findings(result.state, in: manifests), from: manifests)
        if manifests.isEmpty { result.add(try misplacedManifests(files, commit), from: manifests) }
        let desired = Desired(
            files: files,
            state: result.state,
            warnings: result.diagnostics.filter { $0.severity == .warning },
            commit: commit,
            uncommitted: try files.isWorkTree
                ? uncommitted(
                    manifests.map(\.path),
                    data: result.state.datasets.values.flatMap(\.spec.paths),
                    commit
                ) : [],
            manifests: manifests
        )
        return (desired, result.diagnostics)
    }

    /// Manifests, and data that they name, that differ from the commit or are not in it.
    package func uncommitted() throws -> [String] {
        repository.workTree == nil ? [] : try read(.present).desired.uncommitted
    }

    /// Those of some manifests and data.
    func uncommitted(_ manifests: [String], data: [String], _ head: ObjectID?) throws -> [String] {
        let changed = try repository.changedPaths(under: ["manifests", "datasets"] + data).map(\.path)
        // Of files that it is told to ignore git says nothing.
        let known = try head.map { try repository.files(under: "manifests", at: $0).map(\.path) } ?? []
        let missing = try data.filter { path in
            try !(head.map { try repository.file(at: path, in: $0) != nil } ?? false)
        }
        let unknown = Set(manifests).subtracting(known).union(missing.filter { FileStatus.isFile(top + "/" + $0) })
        return unknown.union(changed).sorted()
    }

    /// Keeps what was read of files for the next command.
    func keepMemory() {
        if remembers { memory.keep() }
    }

    private func origin(_ revision: Revision) throws -> (RepositoryFiles, ObjectID?) {
        let head = try repository.head.commit
        switch revision {
        case .present:
            if !isForStrangers, let top = repository.workTree { return (RepositoryFiles(origin: .workTree(top)), head) }
            return try committed(head)
        case .head:
            return try committed(head)
        case .named(let name):
            return try committed(try repository.resolve(name))
        }
    }

    private func committed(_ commit: ObjectID?) throws -> (RepositoryFiles, ObjectID?) {
        guard let commit else {
            throw ReconcilerError(.repository, "the repository has no commit yet: commit the manifests first")
        }
        var files = RepositoryFiles(origin: .commit(repository, commit))
        files.isForStrangers = isForStrangers
        return (files, commit)
    }

    /// What reads the datasets of these manifests, and notes which files it looks at where somebody wants to know.
    func reader(of desired: Desired, _ seen: SeenFiles? = nil) throws -> DatasetReader {
        let offset = (now().seconds - WallClock.seconds) * 1_000_000_000
        let memory = RenderingMemory(folder: places.cache + "/rendered") { WallClock.seconds * 1_000_000_000 + offset }
        return DatasetReader(
            files: desired.files,
            fetcher: fetcher,
            reading: try reading(),
            memory: remembers ? memory : nil,
            datasets: desired.state.datasets,
            seen: seen
        )
    }

    /// What is needed to read rows of any format on this machine.
    func reading() throws -> RowReading {
        let limits = try DecodingLimits(environment: ProcessEnvironment.variables)
        let places = places
        let parquet = ParquetRows(
            cache: places.cache,
            launcher: { TrainerLauncher(path: try places.launcher()) },
            limit: limits.size,
            converts: !isForStrangers
        )
        return RowReading(limits: limits, parquet: parquet)
    }

    /// What looks at rows one by one, and remembers what it found where that is wanted.
    var inspection: DataInspection {
        guard remembers else { return DataInspection(notes: nil, memory: nil) }
        return DataInspection(
            notes: NoteFolder(places.cache + "/inspected"),
            memory: InspectionMemory(folder: places.cache + "/looked-at")
        )
    }

    /// The folder that relative paths of manifests start from.
    package var top: String { repository.workTree ?? repository.gitDirectory }
}
