//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// What an advance of the work tree is about to do, noted before it touches anything, so that it can be recovered.
struct AdvanceNote: Hashable {
    /// What lay at a path of the work tree before.
    enum Before: String {
        case absent
        case old
        case new
    }

    /// One path of the commit.
    struct Item: Hashable {
        let change: TreeChange
        let before: Before
    }

    private static let heading = "ftops-advance 1"

    /// The advance's own random text, by which its files and its lock are known.
    let token: String
    let workTree: String
    let gitDirectory: String
    let branch: String
    let old: ObjectID
    let new: ObjectID
    var items: [Item]
    /// Folders to be made, outermost first.
    var folders: [String]

    var indexLock: String { "\(gitDirectory)/index.lock" }
    var privateIndex: String { "\(gitDirectory)/ftops-index-\(token)" }
    var lockToken: String { "\(gitDirectory)/ftops-lock-\(token)" }
    /// What the lock holds, so that it is never taken for another's.
    var lockText: String { "ftops \(token)\n" }

    func place(_ path: String) -> String { "\(workTree)/\(path)" }

    /// Where a path's new content is written, and may lie in part.
    func part(of index: Int) -> String { beside(index) + "-part" }

    /// Where a path's new content waits wholly, or the old one lies after they changed places.
    func swap(of index: Int) -> String { beside(index) + "-swap" }

    private func beside(_ index: Int) -> String {
        "\(DurableFile.folder(of: place(items[index].change.path)))/.ftops-\(token)-\(index)"
    }

    func write(to path: String) throws(GitError) {
        try DurableFile.write(Array(text.utf8), to: path + ".part", mode: 0o666, replacing: true)
        try DurableFile.move(path + ".part", over: path)
    }

    /// The note at a path; nothing where none is there.
    static func read(_ path: String) throws(GitError) -> AdvanceNote? {
        guard let bytes = try DurableFile.read(path) else { return nil }
        guard let note = AdvanceNote(text: String(decoding: bytes, as: UTF8.self)) else {
            throw GitError(.io, "\(path) is no note of an advance; look at it before you remove it")
        }
        return note
    }
}

// MARK: - The note as text: a line a field

extension AdvanceNote {
    private var text: String {
        var lines = [
            Self.heading, "token \(token)", "work-tree \(Self.escaped(workTree))",
            "git-directory \(Self.escaped(gitDirectory))", "branch \(branch)", "old \(old)", "new \(new)",
        ]
        lines += folders.map { "folder \(Self.escaped($0))" }
        lines += items.map { item in
            let (old, new) = (Self.text(item.change.old), Self.text(item.change.new))
            return "path \(item.before.rawValue) \(old) \(new) \(Self.escaped(item.change.path))"
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private init?(text: String) {
        let lines = text.split(separator: "\n").map { $0.split(separator: " ", maxSplits: 1).map(String.init) }
        guard lines.first?.joined(separator: " ") == Self.heading else { return nil }
        let rest = lines.dropFirst().filter { $0.count == 2 }
        let fields = Dictionary(rest.map { ($0[0], $0[1]) }, uniquingKeysWith: { first, _ in first })
        guard let token = fields["token"], let workTree = fields["work-tree"], let branch = fields["branch"],
            let gitDirectory = fields["git-directory"], let old = fields["old"].flatMap(ObjectID.init(hex:)),
            let new = fields["new"].flatMap(ObjectID.init(hex:))
        else { return nil }
        let items = rest.filter { $0[0] == "path" }.map { Self.item($0[1]) }
        guard items.allSatisfy({ $0 != nil }) else { return nil }
        self.init(
            token: token,
            workTree: Self.plain(workTree),
            gitDirectory: Self.plain(gitDirectory),
            branch: branch,
            old: old,
            new: new,
            items: items.compactMap { $0 },
            folders: rest.filter { $0[0] == "folder" }.map { Self.plain($0[1]) }
        )
    }

    private static func item(_ text: String) -> Item? {
        let parts = text.split(separator: " ", maxSplits: 3).map(String.init)
        guard parts.count == 4, let before = Before(rawValue: parts[0]), let old = entry(parts[1]),
            let new = entry(parts[2])
        else { return nil }
        return Item(change: TreeChange(path: plain(parts[3]), old: old.entry, new: new.entry), before: before)
    }

    private static func text(_ entry: TreeEntry?) -> String {
        entry.map { $0.id.hex + ($0.isExecutable ? "x" : "") } ?? "-"
    }

    private static func entry(_ text: String) -> (entry: TreeEntry?, Void)? {
        if text == "-" { return (nil, ()) }
        let isExecutable = text.hasSuffix("x")
        guard let id = ObjectID(hex: isExecutable ? String(text.dropLast()) : text) else { return nil }
        return (TreeEntry(id: id, isExecutable: isExecutable), ())
    }

    private static func escaped(_ path: String) -> String {
        path.replacing("%", with: "%25").replacing("\n", with: "%0A")
    }

    private static func plain(_ text: String) -> String {
        text.replacing("%0A", with: "\n").replacing("%25", with: "%")
    }
}
