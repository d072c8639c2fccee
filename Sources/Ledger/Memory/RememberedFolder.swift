//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Git
package import Packing

/// What a file was read as; one that is the same in many trees is there once.
final class RememberedFile<Value: Sendable>: Sendable {
    /// The file's blob.
    let id: ObjectID
    /// What it was read as.
    let value: Value

    init(id: ObjectID, _ value: Value) {
        self.id = id
        self.value = value
    }
}

/// A folder of a commit with what its files were read as, those files left out that nobody wants.
struct RememberedFolder<Value: Packable & Sendable>: Sendable {
    /// A file or a folder in it.
    enum Entry: Sendable {
        case file(RememberedFile<Value>)
        case folder(RememberedFolder)
    }

    /// Folders in each other that are unpacked at most.
    private static var depthLimit: Int { 64 }

    /// The folder's tree.
    let id: ObjectID
    /// What is in it, with the names, in git's order.
    let entries: [(name: String, entry: Entry)]

    /// How many values there are.
    var count: Int {
        entries.reduce(0) { count, entry in
            if case .folder(let folder) = entry.entry { count + folder.count } else { count + 1 }
        }
    }

    /// Hands over every value, in the order of paths.
    func forEach(_ body: (Value) throws -> Void) rethrows {
        for (_, entry) in entries {
            switch entry {
            case .file(let file): try body(file.value)
            case .folder(let folder): try folder.forEach(body)
            }
        }
    }
}

extension RememberedFolder: Packable {
    func pack(to packer: inout Packer) {
        packer.value(id)
        packer.list(entries) { packer, entry in
            packer.text(entry.name)
            switch entry.entry {
            case .folder(let folder):
                packer.bool(true)
                packer.value(folder)
            case .file(let file):
                packer.bool(false)
                packer.value(file.id)
                packer.value(file.value)
            }
        }
    }

    init(from unpacker: inout Unpacker) throws(PackingError) { try self.init(from: &unpacker, depth: 0) }

    private init(from unpacker: inout Unpacker, depth: Int) throws(PackingError) {
        guard depth < Self.depthLimit else { throw PackingError() }
        id = try unpacker.value()
        entries = try unpacker.list { unpacker throws(PackingError) in
            let name = try unpacker.text()
            if try unpacker.bool() { return (name, .folder(try Self(from: &unpacker, depth: depth + 1))) }
            return (name, .file(RememberedFile(id: try unpacker.value(), try unpacker.value())))
        }
    }
}

extension ObjectID: Packable {
    /// Writes the id.
    package func pack(to packer: inout Packer) {
        packer.word(words.0)
        packer.word(words.1)
        packer.word(UInt64(words.2))
    }

    /// Reads an id.
    package init(from unpacker: inout Unpacker) throws(PackingError) {
        let (first, second) = (try unpacker.word(), try unpacker.word())
        guard let third = UInt32(exactly: try unpacker.word()) else { throw PackingError() }
        self.init(words: (first, second, third))
    }
}
