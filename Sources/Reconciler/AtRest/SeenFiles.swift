//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Datasets
internal import Digest
internal import POSIX

/// The files beside manifests that a plan looks at, and what tells that they are as they were: as git's index has it,
/// without reading them again.
final class SeenFiles {
    /// What was asked of the disk.
    enum Question: Hashable, Sendable {
        /// Which file is at a path, through symbolic links.
        case file(String)
        /// Whether a path itself is a symbolic link.
        case link(String)
        /// Which files are in a folder of the cache.
        case folder(String)
        /// Which files are in a base model's folder, of those by which it is known.
        case base(String)
    }

    private var answers: [Question: Answer] = [:]
    private var isMoving = false
    /// When a file must have been left alone since, in nanoseconds since 1970: one that changed later may change again
    /// without a trace.
    private let settled: Int64

    /// How long that is: more than the steps in which any file system counts time.
    private static let settling: Int64 = 2_000_000_000

    /// Begins before anything is looked at, at a time in nanoseconds since 1970.
    init(now: Int64) { settled = now - Self.settling }

    /// Notes what there is now, before it is read.
    func look(_ question: Question) {
        let answer = question.answer
        if let known = answers.updateValue(answer, forKey: question), known != answer { isMoving = true }
    }

    /// Notes the file of rows that a path from the top of a work tree leads to, and that no symbolic link does.
    func lookAtRows(_ path: String, in top: String) {
        let parts = path.split(separator: "/")
        for last in parts.indices { look(.link(top + "/" + parts[...last].joined(separator: "/"))) }
        look(.file(top + "/" + path))
    }

    /// What was asked, and the digest of the answers; nothing where a file is another one by now, or changed so lately
    /// that nobody can say.
    func settledAnswers() -> (questions: [Question], digest: SHA256Digest)? {
        guard !isMoving, answers.values.allSatisfy({ $0.changed < settled }),
            answers.allSatisfy({ $0.key.answer == $0.value })
        else { return nil }
        let questions = answers.keys.sorted()
        return (questions, Self.digest(questions) { answers[$0]?.text ?? "" })
    }

    /// The digest of the answers that the disk gives now.
    static func digest(of questions: [Question]) -> SHA256Digest { digest(questions) { $0.answer.text } }

    private static func digest(_ questions: [Question], _ answer: (Question) -> String) -> SHA256Digest {
        var hasher = SHA256Hasher()
        for question in questions { hasher.update("\(question.kind) \(question.path)\0\(answer(question))\0") }
        return hasher.finalize()
    }
}

/// What the disk says.
private struct Answer: Hashable {
    var text = ""
    /// When the newest of the files changed, in nanoseconds since 1970.
    var changed = Int64.min

    /// Where nobody may look, nobody can say that nothing changed.
    static let unknown = Answer(text: "unknown", changed: .max)

    mutating func add(_ name: String, _ path: String) {
        let identity = SourceIdentity(path: path)
        text += "\(name)\0\(identity?.text ?? "no file")\0"
        changed = max(changed, identity?.changed ?? .min)
    }
}

extension SeenFiles.Question: Comparable {
    /// The word for its kind, as notes have it.
    var kind: String {
        switch self {
        case .file: "file"
        case .link: "link"
        case .folder: "folder"
        case .base: "base"
        }
    }

    var path: String {
        switch self {
        case .file(let path), .link(let path), .folder(let path), .base(let path): path
        }
    }

    /// Reads a kind and a path.
    init?(kind: String, path: String) {
        switch kind {
        case "file": self = .file(path)
        case "link": self = .link(path)
        case "folder": self = .folder(path)
        case "base": self = .base(path)
        default: return nil
        }
    }

    static func < (left: Self, right: Self) -> Bool { (left.kind, left.path) < (right.kind, right.path) }

    fileprivate var answer: Answer {
        var answer = Answer()
        switch self {
        case .file: answer.add("", path)
        case .link:
            do { answer.text = try FileStatus.of(path, followingLinks: false)?.kind == .link ? "link" : "none" } catch {
                return .unknown
            }
        case .folder, .base:
            guard let names = try? Folder.names(in: path) else { return .unknown }
            for name in names where isCounted(name) { answer.add(name, path + "/" + name) }
        }
        return answer
    }

    private func isCounted(_ name: String) -> Bool {
        if case .base = self { BaseFolder.counts(name) } else { true }
    }
}
