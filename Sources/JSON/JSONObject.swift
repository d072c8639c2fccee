//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// A JSON object whose members keep their order.
package struct JSONObject: Hashable, Sendable {
    /// One key and its value.
    package struct Member: Hashable, Sendable {
        /// The key.
        package var key: String
        /// The value.
        package var value: JSONValue

        /// Makes a member.
        package init(key: String, value: JSONValue) {
            self.key = key
            self.value = value
        }

        /// Whether key and value are the same, the key byte for byte.
        package static func == (left: Member, right: Member) -> Bool {
            left.key.isIdentical(to: right.key) && left.value == right.value
        }
    }

    /// The members, in order; keys are unique.
    package private(set) var members: [Member]

    /// Makes an object from members whose keys are unique.
    package init(_ members: [Member] = []) { self.members = members }

    /// The keys, in order.
    package var keys: [String] { members.map(\.key) }

    /// The value of a key. Setting keeps the place of a key that is there, appends a new one, and removes with nothing.
    package subscript(key: String) -> JSONValue? {
        get {
            for member in members where member.key.isIdentical(to: key) { return member.value }
            return nil
        }
        set {
            let index = members.firstIndex { $0.key.isIdentical(to: key) }
            switch (index, newValue) {
            case (let index?, let value?): members[index].value = value
            case (let index?, nil): members.remove(at: index)
            case (nil, let value?): members.append(Member(key: key, value: value))
            case (nil, nil): break
            }
        }
    }
}

extension JSONObject {
    /// Collects the members of an object that may be large, so that finding a key that comes twice stays cheap.
    struct Builder {
        private var object = JSONObject()
        private var places: [ExactKey: Int] = [:]

        mutating func set(_ key: String, _ value: JSONValue) {
            guard object.members.count >= 16 else {
                object[key] = value
                return
            }
            if places.isEmpty {
                for (place, member) in object.members.enumerated() { places[ExactKey(text: member.key)] = place }
            }
            if let place = places[ExactKey(text: key)] {
                object.members[place].value = value
            } else {
                places[ExactKey(text: key)] = object.members.count
                object.members.append(Member(key: key, value: value))
            }
        }

        consuming func finish() -> JSONObject { object }
    }

    private struct ExactKey: Hashable {
        let text: String

        static func == (left: ExactKey, right: ExactKey) -> Bool { left.text.isIdentical(to: right.text) }
    }
}

extension String {
    /// Whether two texts have the same bytes: Swift's own `==` also holds for composed and decomposed accents, which
    /// JSON and Python tell apart.
    package func isIdentical(to other: String) -> Bool {
        self == other && utf8.count == other.utf8.count && utf8.elementsEqual(other.utf8)
    }
}
