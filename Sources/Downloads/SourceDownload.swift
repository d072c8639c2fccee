//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import POSIX
internal import Resources
internal import Transfer

/// The download of all files of one source.
struct SourceDownload {
    let source: RemoteSource
    let origin: any Origin
    let folder: String
    let contents: ContentCache
    let client: TransferClient
    let pauses: [Duration]
    let onProgress: (SourceFetcher.Progress) -> Void

    /// What was found when the source was looked at last, and is still in the cache.
    private struct Known {
        var validator: String
        var content: CachedContent
    }

    func run() throws -> CachedContent {
        let memory = DownloadMemory(path: folder + "/seen.json")
        let known = try memory.read().flatMap { seen in
            try contents.find(seen.digest).map { Known(validator: seen.validator, content: $0) }
        }
        let listing = try origin.list()
        if let known, known.validator == listing.version { return known.content }
        var received = 0
        var validator = listing.version
        var files: [(path: String, name: String)] = []
        for (index, file) in listing.files.enumerated() {
            // The server says whether its one file has changed; of several, their origin's version does.
            let isAlone = listing.files.count == 1 && listing.version == nil
            let path = "\(folder)/\(index)"
            switch try download(file, to: path, isAlone: isAlone, received, unless: isAlone ? known?.validator : nil) {
            case .unchanged: if let known { return known.content }
            case .answered(let response, let body): throw origin.refusal(response, body: body)
            case .complete(let found): if isAlone { validator = found }
            }
            try refusePage(at: path, file.request.address)
            received += try FileStatus.of(path)?.size ?? 0
            files.append((path, file.name))
        }
        let content = try contents.adopt(files)
        try memory.write(validator.map { DownloadMemory.Seen(validator: $0, digest: content.digest) })
        return content
    }

    private func download(
        _ file: RemoteListing.File,
        to path: String,
        isAlone: Bool,
        _ received: Int,
        unless known: String?
    ) throws -> FileDownload.Outcome {
        var request = file.request
        request.limits.size = max(0, request.limits.size - received)
        var download = FileDownload(client: client, request: request, path: path, pauses: pauses) { more, whole in
            let expected = isAlone ? whole : nil
            onProgress(SourceFetcher.Progress(source, received: received + more, expected: expected))
        }
        download.onPause = { reason in
            var progress = SourceFetcher.Progress(source, received: received, expected: nil)
            progress.obstacle = reason
            onProgress(progress)
        }
        return try download.run(unless: known)
    }

    private func refusePage(at path: String, _ address: WebAddress) throws {
        guard WebPage.isPage(try OpenFile(path, .read).read(upTo: 512)) else { return }
        try Folder.remove(path)
        throw WebPage.error(source, address)
    }
}
