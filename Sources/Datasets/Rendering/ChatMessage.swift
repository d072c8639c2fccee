//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import JSON

/// One turn of a conversation: a role, what it says, and the speaker's name where one is given.
package struct ChatMessage: Hashable, Sendable {
    /// Who speaks.
    package enum Role: String, Hashable, Sendable, CaseIterable {
        case system
        case user
        case assistant
        case tool
    }

    /// Who speaks.
    package var role: Role
    /// What is said.
    package var content: String
    /// The speaker's name.
    package var name: String?

    /// Makes a message.
    package init(role: Role, content: String, name: String? = nil) {
        self.role = role
        self.content = content
        self.name = name
    }

    /// The message as JSON, members in the order of the canonical form.
    package var json: JSONValue {
        var object = JSONObject([.init(key: "content", value: .string(content))])
        if let name { object["name"] = .string(name) }
        object["role"] = .string(role.rawValue)
        return .object(object)
    }

    /// What a model of conversations is asked: a field that holds a JSON list of messages, or what the user says.
    package static func question(_ row: JSONObject, field: String) throws(RenderError) -> [ChatMessage] {
        let value = try FieldPath(field: field, keys: []).value(in: row)
        guard let text = value.string else { throw RenderError("\(quoted(field)) is \(value.kind) and not text") }
        guard let elements = (try? JSONParser.parse(text))?.array else {
            return [ChatMessage(role: .user, content: text)]
        }
        return try messages(elements, field: field)
    }

    /// Reads the messages of a row: a list that holds at least one turn of the assistant.
    ///
    /// A key that would be lost on the way to the trainer, such as `tool_calls` or `weight`, is an error.
    package static func list(_ value: JSONValue, field: String) throws(RenderError) -> [ChatMessage] {
        guard let elements = value.array else {
            throw RenderError("\(quoted(field)) is \(value.kind) and not a list of messages")
        }
        let messages = try messages(elements, field: field)
        guard messages.contains(where: { $0.role == .assistant }) else {
            throw RenderError("\(quoted(field)) has no message of the role assistant: nothing can be learned from it")
        }
        return messages
    }

    private static func messages(_ elements: [JSONValue], field: String) throws(RenderError) -> [ChatMessage] {
        var messages: [ChatMessage] = []
        for (index, element) in elements.enumerated() {
            messages.append(try message(element, "message \(index + 1) of \(quoted(field))"))
        }
        return messages
    }

    private static func message(_ value: JSONValue, _ place: String) throws(RenderError) -> ChatMessage {
        guard let object = value.object else { throw RenderError("\(place) is \(value.kind) and not an object") }
        let known = ["role", "content", "name"]
        if let key = object.keys.first(where: { !known.contains($0) }) {
            let hint = key == "from" || key == "value" ? "; write role and content for from and value" : ""
            throw RenderError("\(place) has the key \(quoted(key)): a message has role, content and name\(hint)")
        }
        let text = try string("role", of: object, place)
        guard let role = Role(rawValue: text) else {
            let roles = Role.allCases.map(\.rawValue).joined(separator: ", ")
            throw RenderError("\(place) has the unknown role \(quoted(text)): expected one of \(roles)")
        }
        let content = try string("content", of: object, place)
        guard role != .assistant || !content.isEmpty else { throw RenderError("\(place) is an answer without content") }
        let name = object["name"] == nil ? nil : try string("name", of: object, place)
        return ChatMessage(role: role, content: content, name: name)
    }

    private static func string(_ key: String, of object: JSONObject, _ place: String) throws(RenderError) -> String {
        guard let value = object[key] else { throw RenderError("\(place) has no \(key)", missing: key) }
        guard let text = value.string else {
            throw RenderError("the \(key) of \(place) is \(value.kind) and not a string")
        }
        return text
    }
}
