//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import JSON
package import Planning
internal import Resources

/// Why a saved plan cannot be used.
package struct SavedPlanError: Error, Hashable, CustomStringConvertible {
    /// What is wrong with it, and what to do.
    package let description: String

    init(_ description: String) { self.description = description }
}

/// A plan in a file: the document of `plan --json` with where it was made for and a digest of its own.
///
/// It has names, digests, figures and reasons, and neither rows nor secrets, so that it may be kept and sent.
package struct SavedPlan: Hashable, Sendable {
    /// What an item was planned to be.
    package struct Item: Hashable, Sendable {
        /// The fine-tunes that ask for it.
        package let fineTunes: [String]
        /// The model, `owner/name`.
        package let destination: String
        /// The fingerprint.
        package let fingerprint: String
        /// The action's word.
        package let action: String
    }

    /// The document, with its digest.
    package let document: JSONValue
    /// What was planned.
    package let items: [Item]

    /// Makes the document of a plan; a remote is told by its name and place.
    package init(_ plan: Plan, remote: String?) throws(SavedPlanError) {
        guard var object = PlanJSON.value(plan).object else { throw SavedPlanError("a plan is an object") }
        object["kind"] = "plan"
        object["remote"] = remote.map { .string($0) } ?? .null
        try self.init(.object(object), digest: Self.digest(of: object))
    }

    /// Reads a file; one that was changed since it was written is refused.
    package init(text: String) throws(SavedPlanError) {
        guard let value = try? JSONParser.parse(text), var object = value.object, object["kind"] == "plan",
            let version = object["format_version"]?.string, let digest = object["digest"]?.string
        else { throw SavedPlanError("this is no plan of ftops; ftops plan --out writes one") }
        let major = PlanJSON.formatVersion.prefix { $0 != "." }
        guard version.prefix(while: { $0 != "." }) == major else {
            throw SavedPlanError("the plan is of format \(version), and this ftops reads \(major); plan again")
        }
        object["digest"] = nil
        guard Self.digest(of: object) == digest else {
            throw SavedPlanError("the plan was changed after it was written: its digest is another; plan again")
        }
        try self.init(.object(object), digest: digest)
    }

    private init(_ document: JSONValue, digest: String) throws(SavedPlanError) {
        guard var object = document.object, let items = document["items"]?.array else {
            throw SavedPlanError("the plan has no items")
        }
        self.items = try items.map { value throws(SavedPlanError) in
            guard let names = value["fine_tunes"]?.array, let destination = value["destination"]?.string,
                let fingerprint = value["fingerprint"]?.string, let action = value["action"]?.string
            else { throw SavedPlanError("an item of the plan lacks a member") }
            return Item(
                fineTunes: names.compactMap(\.string),
                destination: destination,
                fingerprint: fingerprint,
                action: action
            )
        }
        object["digest"] = .string(digest)
        self.document = .object(object)
    }

    /// What the file holds: canonical JSON and a line feed.
    package var text: String { CanonicalJSON.text(document) + "\n" }

    /// Whether applying it would have done something when it was made.
    package var hasChanges: Bool { document["has_changes"]?.bool ?? false }

    /// Whether it was made of a change that nobody vouches for.
    package var isUntrusted: Bool { document["untrusted"]?.bool ?? false }

    /// The fine-tunes of which something is to be done, or was looked at.
    package var fineTunes: [String] { items.filter { $0.action != Self.orphaned }.flatMap(\.fineTunes) }

    private static let orphaned = "orphaned"

    private static func digest(of object: JSONObject) -> String {
        ContentDigest.ofText(CanonicalJSON.text(.object(object))).rawValue
    }
}

// MARK: - Now

extension SavedPlan {
    /// Those items of a plan that was made now which the saved one has; refused where one would come out differently.
    package func restricting(_ now: Plan) throws(SavedPlanError) -> Plan {
        var restricted = now
        restricted.items = []
        var changes: [String] = []
        for item in items where item.action != Self.orphaned {
            let name = item.fineTunes.joined(separator: ", ")
            guard let present = now.items.first(where: { Self.isSame($0, item) }) else {
                changes.append("\(name) is no longer asked for")
                continue
            }
            if present.fingerprint.rawValue != item.fingerprint {
                changes.append("\(name) would be trained on something else now (its fingerprint is another)")
            } else if present.action.word != item.action {
                changes.append("\(name) was \(item.action), and is \(present.action.word) now")
            }
            restricted.items.append(present)
        }
        guard changes.isEmpty else {
            throw SavedPlanError("the plan is stale: \(changes.joined(separator: "; ")); plan again")
        }
        return restricted
    }

    private static func isSame(_ present: PlanItem, _ item: Item) -> Bool {
        present.fineTunes.map(\.rawValue) == item.fineTunes && present.destination.description == item.destination
            && present.action.word != orphaned
    }
}
