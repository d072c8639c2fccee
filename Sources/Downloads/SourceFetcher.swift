//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Digest
internal import POSIX
package import Resources

/// Brings sources from elsewhere into the cache.
package struct SourceFetcher: Sendable {
    /// How far a download has come.
    package struct Progress: Sendable {
        /// The source.
        package let source: RemoteSource
        /// Bytes that are there.
        package let received: Int
        /// Bytes that it will be, where that is known.
        package let expected: Int?
        /// Whether nothing more will come of it, well or not.
        package let isOver: Bool
        /// What is in the way, where the download waits and tries again.
        package internal(set) var obstacle: String?

        init(_ source: RemoteSource, received: Int, expected: Int?, isOver: Bool = false) {
            self.source = source
            self.received = received
            self.expected = expected
            self.isOver = isOver
        }
    }

    /// Told as bytes come, often.
    package var onProgress: @Sendable (Progress) -> Void = { _ in }

    private let cache: String
    private let network: Network
    private let pauses: [Duration]

    /// Makes a fetcher that keeps its files in a cache's folder and takes its settings from the environment.
    package init(cache: String, environment: [String: String]) {
        self.init(cache: cache, environment: environment, pauses: [1, 2, 4, 8].map { .seconds($0) })
    }

    /// Makes a fetcher that waits that long before its second and each later attempt.
    init(cache: String, environment: [String: String], pauses: [Duration]) {
        self.cache = cache
        self.pauses = pauses
        network = Network(environment)
    }

    private var contents: ContentCache { ContentCache(folder: cache + "/sources") }

    /// The bytes that a digest pins: from the cache, else from where they lie.
    package func pinned(_ source: RemoteSource, _ pin: ContentDigest) throws(DownloadError) -> CachedContent {
        let content = try told(source) { try contents.find(pin) ?? download(source) { try contents.find(pin) } }
        guard content.digest == pin else {
            throw DownloadError(
                .changed,
                "\(source) is not what sha256 pins: expected \(pin), found \(content.digest)",
                notes: ["where the change is meant, `ftops data update` writes the new digest"]
            )
        }
        return content
    }

    /// The bytes that a digest pins, where the cache has them; nobody is asked for them.
    package func cached(_ source: RemoteSource, _ pin: ContentDigest) throws(DownloadError) -> CachedContent? {
        try told(source) { try contents.find(pin) }
    }

    /// The bytes that lie there now.
    package func current(_ source: RemoteSource) throws(DownloadError) -> CachedContent {
        try told(source) { try download(source) { nil } }
    }

    /// Looks whether a content of the cache still is what its digest says, and forgets it where it is not.
    package func forgetIfDamaged(_ digest: ContentDigest) throws(DownloadError) -> Bool {
        do {
            guard let content = try contents.find(digest), try !contents.isWhole(content) else { return false }
            try contents.remove(digest)
            return true
        } catch {
            throw DownloadError(.unreachable, "\(error)")
        }
    }

    private func told<Value>(_ source: RemoteSource, _ body: () throws -> Value) throws(DownloadError) -> Value {
        do { return try body() } catch { throw DownloadError(error, at: source.text) }
    }

    /// Downloads a source under its lock: a second process waits for the first, and may have no need of it then.
    private func download(_ source: RemoteSource, unless found: () throws -> CachedContent?) throws -> CachedContent {
        let folder = cache + "/downloads/" + SHA256Digest.of(source.text).hex.prefix(24)
        try Folder.make(folder)
        let lock = try FileLock.acquire(folder + "/lock")
        defer { withExtendedLifetime(lock) {} }
        if let content = try found() { return content }
        defer { onProgress(Progress(source, received: 0, expected: nil, isOver: true)) }
        let download = SourceDownload(
            source: source,
            origin: try network.origin(of: source),
            folder: folder,
            contents: contents,
            client: network.client,
            pauses: pauses,
            onProgress: onProgress
        )
        return try download.run()
    }
}
