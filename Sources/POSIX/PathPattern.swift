//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Glibc

/// Patterns of paths, as a shell has them.
package enum PathPattern {
    /// Stars in one part of a pattern: the C library's time grows with their power.
    private static let starLimit = 3

    /// Whether a path fits a pattern with `*`, `?` and `[…]`, none of which stands for a slash; `**` stands for any
    /// folders. A pattern with more than three stars between two slashes fits nothing.
    package static func matches(_ pattern: String, _ path: String) -> Bool {
        let (parts, names) = (pattern.split(separator: "/"), path.split(separator: "/"))
        guard parts.allSatisfy({ part in part.count { $0 == "*" } <= starLimit }) else { return false }
        var (part, name) = (0, 0)
        // Where the last `**` stands, and up to which name it has been tried.
        var last: (part: Int, name: Int)?
        while name < names.count {
            if part < parts.count, parts[part] == "**" {
                last = (part, name)
                part += 1
            } else if part < parts.count, fnmatch(String(parts[part]), String(names[name]), 0) == 0 {
                part += 1
                name += 1
            } else if let again = last {
                last = (again.part, again.name + 1)
                (part, name) = (again.part + 1, again.name + 1)
            } else {
                return false
            }
        }
        return parts[part...].allSatisfy { $0 == "**" }
    }
}
