//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import POSIX
internal import Transfer

/// One file on its way to the disk: goes on where an earlier attempt was broken off.
struct FileDownload {
    /// What came of it.
    enum Outcome {
        /// The file is there as a whole; the server calls this state of it by the validator.
        case complete(validator: String?)
        /// The server still has what the known validator names.
        case unchanged
        /// The server answered something else, of which this is the beginning.
        case answered(TransferResponse, body: String)
    }

    let client: TransferClient
    let request: TransferRequest
    /// Where the file is put.
    let path: String
    /// Pauses before the second and each later attempt.
    let pauses: [Duration]
    /// Told of the bytes that are there, and of those that it will be.
    let onProgress: (Int, Int?) -> Void
    /// Told why there is a pause before the next attempt.
    var onPause: (String) -> Void = { _ in }

    /// Downloads, again where the connection breaks or the server says that it is busy.
    func run(unless known: String?) throws -> Outcome {
        var pauses = pauses[...]
        while true {
            let last: Result<Outcome, any Error> = Result { try attempt(unless: known) }
            guard Self.isPassing(last), let pause = pauses.popFirst() else { return try last.get() }
            onPause(Self.reason(last))
            Pause.sleep(pause)
        }
    }

    private static func isPassing(_ result: Result<Outcome, any Error>) -> Bool {
        switch result {
        case .success(.answered(let response, _)): [416, 429, 500, 502, 503, 504].contains(response.status)
        case .success: false
        case .failure(let error): (error as? TransferError)?.isPassing ?? false
        }
    }

    private static func reason(_ result: Result<Outcome, any Error>) -> String {
        switch result {
        case .success(.answered(let response, _)): "\(response.address.origin) answers \(response.status)"
        case .success: ""
        case .failure(let error): "\(error)"
        }
    }

    private func attempt(unless known: String?) throws -> Outcome {
        let receiver = FileReceiver(path: path, onProgress: onProgress)
        var request = request
        if let (size, validator) = try receiver.rest() {
            request.headers += [TransferHeader("Range", "bytes=\(size)-"), TransferHeader("If-Range", validator)]
            request.limits.size = max(0, request.limits.size - size)
        } else if let known {
            request.headers.append(TransferHeader("If-None-Match", known))
        }
        let response = try client.send(request, onResponse: receiver.begin, onBody: receiver.append)
        switch response.status {
        case 200, 206: return .complete(validator: try receiver.end(response))
        case 304 where known != nil: return .unchanged
        default:
            if response.status == 416 { try receiver.forget() }
            return .answered(response, body: receiver.text)
        }
    }
}

/// Writes an answer to a file, and beside it by which validator the rest can be asked for.
final class FileReceiver {
    private let path: String
    private let onProgress: (Int, Int?) -> Void
    private var file: OpenFile?
    private var other: [UInt8] = []
    private var size = 0
    private var known: String?
    private var whole: Int?

    /// Bytes of an answer that is no file.
    private static let otherLimit = 16 << 10

    init(path: String, onProgress: @escaping (Int, Int?) -> Void) {
        self.path = path
        self.onProgress = onProgress
    }

    private var note: String { path + ".validator" }

    /// How much is there from an earlier attempt, and of what.
    func rest() throws -> (size: Int, validator: String)? {
        guard let status = try FileStatus.of(path), status.size > 0,
            let bytes = try FileContents.readIfPresent(note, limit: 4096), !bytes.isEmpty
        else { return nil }
        let validator = String(decoding: bytes, as: UTF8.self)
        (size, known) = (status.size, validator)
        return (size, validator)
    }

    /// Opens the file as the answer's head says.
    func begin(_ response: TransferResponse) throws {
        guard [200, 206].contains(response.status) else { return }
        // Some stores answer with a range and call it 200.
        if response.status == 206 || response["content-range"] != nil {
            guard isRest(response) else {
                try forget()
                throw TransferError(.interrupted, "\(response.address) answers with another range than was asked for")
            }
            file = try OpenFile(path, .append)
        } else {
            try forget()
            (size, known) = (0, nil)
            if let validator = Self.validator(response) { try DurableFile.write(validator, to: note) }
            file = try OpenFile(path, .write)
        }
        whole = response.size.map { size + $0 }
        onProgress(size, whole)
    }

    /// Whether an answer goes on exactly where the file ends, and is of the same state of the file: stores that do not
    /// know If-Range would mix two.
    private func isRest(_ response: TransferResponse) -> Bool {
        guard let known, response["content-range"]?.hasPrefix("bytes \(size)-") == true else { return false }
        return known.hasPrefix("\"") ? response["etag"] == known : [nil, known].contains(response["last-modified"])
    }

    /// Takes the next bytes.
    func append(_ bytes: [UInt8]) throws {
        guard let file else {
            other += bytes.prefix(Self.otherLimit - other.count)
            return
        }
        try file.write(bytes)
        size += bytes.count
        onProgress(size, whole)
    }

    /// Ends the file, and says by which validator the server knows it.
    func end(_ response: TransferResponse) throws -> String? {
        try file?.synchronize()
        file?.close()
        try Folder.remove(note)
        return Self.validator(response)
    }

    /// Removes what is there.
    func forget() throws {
        try Folder.remove(note)
        try Folder.remove(path)
    }

    /// An answer that is no file, as far as it is text.
    var text: String { String(decoding: other, as: UTF8.self) }

    /// What names this very state of the file: a weak tag does not.
    private static func validator(_ response: TransferResponse) -> String? {
        let tag = response["etag"].flatMap { $0.hasPrefix("\"") ? $0 : nil }
        let validator = tag ?? response["last-modified"]
        return validator.flatMap { $0.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F } && $0.utf8.count < 1024 ? $0 : nil }
    }
}
