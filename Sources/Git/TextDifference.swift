//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import CGit2

/// The difference of two texts, as git shows it.
package enum TextDifference {
    /// The lines that differ with three around them; nothing where none do.
    package static func unified(_ old: [UInt8], _ new: [UInt8], path: String) throws(GitError) -> String {
        try LibGit2.start()
        var options = git_diff_options()
        try check(git_diff_options_init(&options, UInt32(GIT_DIFF_OPTIONS_VERSION)), "compare two texts")
        let patch = try made("compare two texts") { patch in
            old.withUnsafeBytes { before in
                new.withUnsafeBytes { after in
                    git_patch_from_buffers(
                        patch,
                        before.baseAddress,
                        before.count,
                        path,
                        after.baseAddress,
                        after.count,
                        path,
                        &options
                    )
                }
            }
        }
        defer { git_patch_free(patch) }
        return try text("print a difference") { git_patch_to_buf($0, patch) } ?? ""
    }
}
