//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// What a text has to look like: in words for people, as a regular expression for the schema.
struct TextFormat: Sendable, Hashable {
    /// What it is, in a few words for the reference page.
    let words: String
    /// The expression, of those that ECMA 262 and Python read alike; nothing where any text will do.
    let pattern: String?
    /// Whether an empty text is one.
    let mayBeEmpty: Bool

    init(_ words: String, pattern: String? = nil, mayBeEmpty: Bool = false) {
        self.words = words
        self.pattern = pattern
        self.mayBeEmpty = mayBeEmpty
    }

    /// Any text at all.
    static let any = TextFormat("text", mayBeEmpty: true)
    /// A text that says something.
    static let filled = TextFormat("text")
    /// What a metric has to reach.
    static let condition = TextFormat(
        "condition",
        pattern: "^(>=|<=|>|<) *(base|[0-9][0-9.eE+-]*|base +[+-] +[0-9][0-9.eE+-]*) *$"
    )
    /// A resource's name.
    static let name = TextFormat("name", pattern: "^\(namePart)$")
    /// A model: `owner/name`.
    static let ownedName = TextFormat("owner/name", pattern: "^\(namePart)/\(namePart)$")
    /// A model, whose owner may go without saying.
    static let destination = TextFormat("name or owner/name", pattern: "^(\(namePart)/)?\(namePart)$")
    /// A path from the top of the repository.
    static let path = TextFormat("path", pattern: "^(?!/)\(insidePart).+$")
    /// A path from the top of the repository, or from the top of the machine.
    static let folder = TextFormat("path", pattern: "^(/|\(insidePart)).+$")
    /// A folder, or a part of a bucket.
    static let store = TextFormat("path or s3://", pattern: "^([sS]3://(?!.*/\\.\\.?(/|$))[^/]+.*|(?!.*://).+)$")
    /// Rows: a path, or an address.
    static let source = TextFormat(
        "path, https://, s3:// or hf://",
        pattern: "^([hH][tT][tT][pP][sS]://[^/@ ?#]+([/?#][^ ]*)?|[sS]3://[^/]+/.+"
            + "|[hH][fF]://[^/?]+/[^/?]+\\?(.*&)?(split|file)=.+|(?!.*://)(?!/)\(insidePart).+)$"
    )
    /// A SHA-256.
    static let digest = TextFormat("64 hexadecimal digits", pattern: "^[0-9a-f]{64}$")
    /// A commit of git.
    static let commit = TextFormat("40 hexadecimal digits", pattern: "^[0-9a-f]{40}$")
    /// A Python package, pinned.
    static let package = TextFormat("package==version", pattern: "^\(namePart)==[A-Za-z0-9.!+_-]{1,100}$")
    /// A version of a model at Replicate.
    static let replicateVersion = TextFormat(
        "owner/name:version",
        pattern: "^\(namePart)/\(namePart):[0-9a-f]{64}$"
    )
    /// A time in UTC, or a date, which means its beginning.
    static let time = TextFormat(
        "date, or time such as `2026-12-01T08:00:00Z`",
        pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}Z)?$"
    )
    /// A time of day in a time zone.
    static let window = TextFormat(
        "time of day such as `22:00-06:00 Europe/Berlin`",
        pattern: "^([01][0-9]|2[0-3]):[0-5][0-9]-(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)( .+)?$"
    )
    /// A ref of git.
    static let ref = TextFormat("ref", pattern: "^refs(/\(namePart)){2,}$")
    /// A module of a network, or several with commas.
    static let modules = TextFormat(
        "all-linear, or names of modules",
        pattern: "^ *[A-Za-z0-9._-]+ *(, *[A-Za-z0-9._-]+ *)*$"
    )

    private static let namePart = "[A-Za-z0-9][A-Za-z0-9._-]{0,99}"
    private static let insidePart = "(?!(.*/)?\\.\\.(/|$))"
}
