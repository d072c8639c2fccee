//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// Lines of which no service that runs jobs takes anything for a command to it.
///
/// Such services read what a job prints: GitHub takes a line that begins with `::`, or has `##[` anywhere, for a command
/// that may hide words of the log or give later steps another input; Azure takes `##vso[`, and TeamCity `##teamcity[`.
enum CommandText {
    /// The line with a sign of such a command replaced by one that looks like it, so that columns stay true.
    static func harmless(_ line: String) -> String {
        guard zip(line.utf8, line.utf8.dropFirst()).contains(where: { $0 == $1 && signs.contains($0) }) else {
            return line
        }
        var scalars = Array(line.unicodeScalars)
        let start = scalars.firstIndex { !$0.properties.isWhitespace } ?? scalars.endIndex
        if scalars[start...].starts(with: "::".unicodeScalars) { scalars[start] = "\u{A789}" }
        for place in scalars.indices.dropFirst() where scalars[place] == "#" && scalars[place - 1] == "#" {
            let word = scalars[(place + 1)...].drop { ("a"..."z").contains($0) || ("A"..."Z").contains($0) }
            if word.first == "[" { scalars[place] = "\u{266F}" }
        }
        return String(String.UnicodeScalarView(scalars))
    }

    private static let signs = [UInt8(ascii: ":"), UInt8(ascii: "#")]
}
