//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import ArgumentParser
internal import POSIX
internal import Reconciler
internal import Resources

/// Where a version is exported to.
enum ExportTarget {
    /// A folder, by its whole path, and as the user named it.
    case folder(path: String, name: String)
    /// A repository of the Hugging Face hub.
    case hub(ModelName)

    private static let scheme = "hf://"

    /// Reads `--to`; a folder is one that can be filled.
    init(_ text: String, in context: CommandContext) throws {
        guard text.hasPrefix(Self.scheme) else {
            self = .folder(path: try Self.empty(context.path(text)), name: text)
            return
        }
        guard let repository = ModelName(String(text.dropFirst(Self.scheme.count))) else {
            throw ValidationError("--to takes a folder or hf://owner/name, not \(text)")
        }
        self = .hub(repository)
    }

    /// How it is shown.
    var name: String {
        switch self {
        case .folder(_, let name): name
        case .hub(let repository): "\(Self.scheme)\(repository)"
        }
    }

    /// Hands out the folder that is to be filled; what only passes through it is removed behind.
    func fill(cache: String, _ body: (String) throws -> Void) throws {
        switch self {
        case .folder(let path, _): try body(path)
        case .hub:
            let path = "\(cache)/exports/\(RandomBytes.hex(8))"
            try Folder.make(Folder.parent(of: path))
            defer { try? Folder.remove(path) }
            try body(path)
        }
    }

    /// The folder by its whole path, where it is one that can be filled.
    private static func empty(_ path: String) throws -> String {
        guard let status = try FileStatus.of(path) else {
            try Folder.make(Folder.parent(of: path), permissions: 0o755)
            return (Folder.resolved(Folder.parent(of: path)) ?? Folder.parent(of: path)) + "/" + Folder.name(of: path)
        }
        guard status.kind == .folder, try Folder.names(in: path).isEmpty else {
            throw ValidationError("\(path) is there already and not empty: name another folder by --to")
        }
        return Folder.resolved(path) ?? path
    }
}
