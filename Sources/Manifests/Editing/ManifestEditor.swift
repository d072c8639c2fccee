//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Resources
import YAML

/// Why a manifest was not edited.
package struct ManifestEditError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is in the way, and what to do; lower case, no full stop.
    package let message: String

    /// The message.
    package var description: String { message }
}

/// Changes values of a manifest and leaves every other byte as it is: comments, order, quotes and line ends.
///
/// Each edit is read back: where the text means anything else than the old one with that value, nothing is changed.
package struct ManifestEditor {
    /// The file as it is by now.
    package internal(set) var file: ManifestFile

    /// Starts to edit a file.
    package init(_ file: ManifestFile) { self.file = file }

    /// A field of one of the file's documents.
    package struct Target: Hashable, Sendable {
        /// The document's kind.
        package var kind: String
        /// The document's name.
        package var name: ResourceName
        /// The keys that lead to the field.
        package var path: [String]
        /// The key beside the field that a new one follows.
        package var sibling: String

        /// Makes a target.
        package init(kind: String, name: ResourceName, path: [String], after sibling: String) {
            self.kind = kind
            self.name = name
            self.path = path
            self.sibling = sibling
        }
    }

    /// Gives a field a text; a new one is put behind its sibling.
    package mutating func set(_ target: Target, to text: String) throws(ManifestEditError) {
        let documents = try Self.documents(file)
        let place = "\(file.path): \(target.path.joined(separator: ".")) of \(target.kind) \(target.name)"
        guard let index = documents.firstIndex(where: { Self.isDocument($0, of: target) }),
            let key = target.path.last,
            let mapping = target.path.dropLast().reduce(documents[index], { $0?.value(of: $1) })
        else { throw ManifestEditError(message: "\(place) is not there") }
        var splice = TextSplice(file.bytes)
        if let old = mapping.value(of: key) {
            splice.replace(old, with: ScalarWriting.text(text))
        } else if let sibling = mapping.mapping?.first(where: { $0.key.scalar?.text == target.sibling }) {
            splice.add("\(key): \(ScalarWriting.text(text))", behind: sibling, in: mapping)
        } else {
            throw ManifestEditError(message: "\(place) has no \(target.sibling) to stand beside")
        }
        let edited = ManifestFile(path: file.path, bytes: splice.bytes)
        let meant = documents.indices.map { $0 == index ? documents[$0].setting(target, to: text) : documents[$0] }
        guard let found = try? Self.documents(edited), found.map(\.meaning) == meant.map(\.meaning) else {
            throw ManifestEditError(
                message: "\(place) is written in a way that cannot be edited: write \(text) yourself"
            )
        }
        file = edited
    }

    private static func documents(_ file: ManifestFile) throws(ManifestEditError) -> [YAMLNode] {
        do {
            return try YAMLReader.documents(file.bytes)
        } catch {
            throw ManifestEditError(
                message: "\(file.path):\(error.position.line):\(error.position.column): \(error.message)"
            )
        }
    }

    private static func isDocument(_ node: YAMLNode, of target: Target) -> Bool {
        node.value(of: "kind")?.scalar?.text == target.kind
            && node.value(of: "metadata")?.value(of: "name")?.scalar?.text == target.name.rawValue
    }
}

extension YAMLNode {
    /// The value of a mapping's key.
    fileprivate func value(of key: String) -> YAMLNode? {
        mapping?.first { $0.key.scalar?.text == key }?.value
    }

    /// The node with a field set, as the edited text is to be read.
    fileprivate func setting(_ target: ManifestEditor.Target, to text: String) -> YAMLNode {
        setting(target.path[...], to: text, behind: target.sibling)
    }

    private func setting(_ path: ArraySlice<String>, to text: String, behind sibling: String) -> YAMLNode {
        guard let key = path.first else {
            return YAMLNode(.scalar(Scalar(text: text, style: .quoted)), start: start, end: end)
        }
        var pairs = mapping ?? []
        if let index = pairs.firstIndex(where: { $0.key.scalar?.text == key }) {
            pairs[index].value = pairs[index].value.setting(path.dropFirst(), to: text, behind: sibling)
        } else {
            let index = pairs.firstIndex { $0.key.scalar?.text == sibling }.map { $0 + 1 } ?? pairs.count
            let key = YAMLNode(.scalar(Scalar(text: key)), start: start, end: end)
            let value = YAMLNode(.scalar(Scalar(text: text, style: .quoted)), start: start, end: end)
            pairs.insert(Pair(key: key, value: value), at: index)
        }
        return YAMLNode(.mapping(pairs), start: start, end: end)
    }
}
