//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// A text that is YAML to the eye and meant to take all memory or all time, or to mean something else to each reader.
package struct HostileYAML: Sendable, CustomStringConvertible {
    /// What it is, in a few words.
    package let description: String
    /// The bytes.
    package let bytes: [UInt8]
    /// Line, column and message with which it is refused; nothing where the bounds let it through.
    package let refusal: String?
    /// Whether it takes a build for release to read it at once.
    package let isLarge: Bool

    private init(_ description: String, _ text: String, _ refusal: String?) {
        self.init(description, Array(text.utf8), refusal)
    }

    private init(_ description: String, _ bytes: [UInt8], _ refusal: String?) {
        isLarge = bytes.count > 100_000
        self.description = description
        self.bytes = bytes
        self.refusal = refusal
    }

    private static let head = "apiVersion: ftops/v1\nkind: Model\nmetadata:\n  name: bomb\n"

    /// All of them.
    package static let all = wellKnown + lessKnown

    /// The eight that everybody knows.
    private static let wellKnown: [HostileYAML] = [
        HostileYAML(
            "aliases of aliases",
            "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
                + zip("abcdefgh", "bcdefghi").map { from, to in
                    "\(to): &\(to) [" + repeated("*\(from)", 10, ",") + "]\n"
                }.joined(),
            "5:29: aliases stand for more than 100000 nodes"
        ),
        HostileYAML(
            "fifty thousand brackets",
            repeated("[", 50_000),
            "1:101: nested deeper than 100 levels"
        ),
        HostileYAML(
            "a text of 3 MB",
            head + "spec:\n  description: \(repeated("x", 3_000_000))\n",
            "6:16: a text of more than 1024 KB"
        ),
        HostileYAML(
            "bytes that are no UTF-8",
            Array(head.utf8) + Array("spec: {description: \"".utf8) + [0xC3, 0x28, 0x22, 0x7D, 0x0A],
            "5:22: byte 0xC3 is not UTF-8; save the file as UTF-8"
        ),
        HostileYAML(
            "a NUL character",
            head + "spec: {description: a\0b}\n",
            "5:22: a NUL character; is this a text file?"
        ),
        HostileYAML(
            "a byte order mark",
            "\u{FEFF}" + head + "spec: {}\n",
            "1:1: the file begins with a byte order mark; save it as UTF-8 without one"
        ),
        HostileYAML(
            "a tag that makes an object",
            head + "spec: !!python/object/apply:os.system [\"true\"]\n",
            "5:7: the tag !!python/object/apply:os.system is not known here"
        ),
        HostileYAML(
            "a million keys",
            head + "spec: {" + repeated("a", 1_000_000, ",") + "}\n",
            "5:499997: more than 500000 nodes; use several files"
        ),
    ]

    /// What costs much where a reader is careless.
    private static let lessKnown: [HostileYAML] = [
        HostileYAML(
            "200,000 directives",
            (0..<200_000).map { "%TAG !\($0)! a\n" }.joined() + "---\na: b\n",
            "1:1: tags of one's own are not known here; leave %TAG out"
        ),
        HostileYAML(
            "two million empty lines",
            head + "spec: {}\n" + repeated("\n", 2_000_000) + "? [",
            "500001:1: more than 500000 lines; use several files"
        ),
        HostileYAML("a hundred thousand documents", repeated("--- a\n", 100_000), nil),
        HostileYAML("a hundred thousand labels", labels(100_000), nil),
        HostileYAML("a line of 3 MB that is all wrong", wideFindings, nil),
        HostileYAML("a thousand secrets on a line", secrets, nil),
        HostileYAML("twenty thousand resources of one name", repeated("---\n\(head)spec: {}\n", 20_000), nil),
        HostileYAML("unknown names among many", dangling, nil),
    ]

    private static func labels(_ count: Int) -> String {
        "apiVersion: ftops/v1\nkind: Model\nmetadata: {name: a, labels: {"
            + (0..<count).map { "k\($0): v" }.joined(separator: ", ") + "}}\nspec: {}\n"
    }

    private static let wideFindings =
        "apiVersion: ftops/v1\nkind: Hyperparameters\nmetadata: {name: a}\nspec: {"
        + (0..<100_000).map { "gradient_accumulation_stepz\($0): 1" }.joined(separator: ", ") + "}\n"

    private static let secrets =
        "apiVersion: ftops/v1\nkind: Project\nmetadata: {name: a}\nspec: {notify: ["
        + repeated("{webhook: https://hooks.example/services/T/B/X, on: [failed]}", 30_000, ", ") + "]}\n"

    private static let dangling = (0..<12_000).map { number in
        "---\napiVersion: ftops/v1\nkind: FineTune\nmetadata: {name: f\(number)}\n"
            + "spec: {base: b\(number), dataset: d\(number), template: t\(number), destination: m\(number)}\n"
    }.joined()

    private static func repeated(_ text: String, _ count: Int, _ separator: String = "") -> String {
        repeatElement(text, count: count).joined(separator: separator)
    }
}
