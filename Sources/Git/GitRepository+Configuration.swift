//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import CGit2
internal import Glibc

extension GitRepository {
    /// All that git is configured with here, from whichever file, in the order in which it holds; a key may stand there
    /// without a value.
    package var configuration: [(name: String, value: String?)] {
        get throws(GitError) {
            let configuration = try made("read git's configuration") { git_repository_config_snapshot($0, pointer) }
            defer { git_config_free(configuration) }
            let iterator = try made("read git's configuration") { git_config_iterator_new($0, configuration) }
            defer { git_config_iterator_free(iterator) }
            var entries: [(name: String, value: String?)] = []
            while true {
                var entry: UnsafeMutablePointer<git_config_entry>?
                let result = git_config_next(&entry, iterator)
                if result == GIT_ITEROVER.rawValue { return entries }
                try check(result, "read git's configuration")
                guard let entry = entry?.pointee else { return entries }
                entries.append((String(cString: entry.name), entry.value.map { String(cString: $0) }))
            }
        }
    }

    /// Lets a repository's configuration lie where git's own variables say, which libgit2 does not read.
    static func configure(_ pointer: OpaquePointer) throws(GitError) {
        let (user, system) = (variable("GIT_CONFIG_GLOBAL"), variable("GIT_CONFIG_SYSTEM"))
        let isWithoutSystem = isTrue(variable("GIT_CONFIG_NOSYSTEM"))
        guard user != nil || system != nil || isWithoutSystem else { return }
        let configuration = try made("read git's configuration") { git_config_new($0) }
        defer { git_config_free(configuration) }
        func add(
            _ level: git_config_level_t,
            _ path: String?,
            else find: (UnsafeMutablePointer<git_buf>) -> Int32
        ) throws(GitError) {
            var path = path
            if path == nil { path = try text("find git's configuration", find) }
            guard let path, !path.isEmpty else { return }
            try check(git_config_add_file_ondisk(configuration, path, level, pointer, 0), "read \(path)")
        }
        if !isWithoutSystem { try add(GIT_CONFIG_LEVEL_SYSTEM, system, else: git_config_find_system) }
        if user == nil { try add(GIT_CONFIG_LEVEL_XDG, nil, else: git_config_find_xdg) }
        try add(GIT_CONFIG_LEVEL_GLOBAL, user, else: git_config_find_global)
        let own = git_repository_commondir(pointer).map { String(cString: $0) + "config" }
        try add(GIT_CONFIG_LEVEL_LOCAL, own, else: { _ in GIT_ENOTFOUND.rawValue })
        try check(git_repository_set_config(pointer, configuration), "read git's configuration")
    }

    private static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

    private static func isTrue(_ text: String?) -> Bool {
        guard let text else { return false }
        return !["", "0", "false", "no", "off"].contains(text.lowercased())
    }
}
