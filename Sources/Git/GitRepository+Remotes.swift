//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import CGit2

/// A remote of git's configuration.
package struct Remote: Hashable, Sendable {
    /// Its name, such as `origin`.
    package let name: String
    /// Where it lies.
    package let location: RemoteLocation
}

extension GitRepository {
    /// The remotes that are configured, by name.
    package var remotes: [Remote] {
        get throws(GitError) {
            var names = git_strarray()
            try check(git_remote_list(&names, pointer), "list remotes")
            defer { git_strarray_dispose(&names) }
            var remotes: [Remote] = []
            for index in 0..<names.count {
                guard let name = names.strings[index], let remote = try remote(named: String(cString: name)) else {
                    continue
                }
                remotes.append(remote)
            }
            return remotes.sorted { $0.name < $1.name }
        }
    }

    /// A remote by its name; nothing where none is configured.
    package func remote(named name: String) throws(GitError) -> Remote? {
        let remote = try found("read remote \(name)") { git_remote_lookup($0, pointer, name) }
        guard let remote else { return nil }
        defer { git_remote_free(remote) }
        let url = (git_remote_pushurl(remote) ?? git_remote_url(remote)).map { String(cString: $0) } ?? ""
        return Remote(name: name, location: RemoteLocation(url: url, relativeTo: workTree ?? gitDirectory))
    }

    /// Adds a remote, which none has the name of yet.
    package func addRemote(_ name: String, url: String) throws(GitError) {
        git_remote_free(try made("add remote \(name)") { git_remote_create($0, pointer, name, url) })
    }

    /// The folder that a remote names; one over HTTP or SSH is refused.
    package func folder(ofRemote name: String) throws(GitError) -> String {
        try location(ofRemote: name).folder(ofRemote: name)
    }

    /// Opens the folder that a remote names.
    package func openRemote(_ name: String) throws(GitError) -> GitRepository {
        let folder = try folder(ofRemote: name)
        do throws(GitError) {
            return try GitRepository(path: folder)
        } catch {
            guard error.code == .noRepository else { throw error }
            throw GitError(unreachable: name, at: folder)
        }
    }

    /// Puts a commit on a branch of an opened remote if that still is where it was read, and says whether it was.
    ///
    /// Its objects are written right into the remote; they harm nothing where the branch has moved. Whether the commit
    /// descends from where the branch is, is the caller's to know: nothing is forced, but nothing is compared either.
    /// The branch's lock is noted.
    package func push(
        _ commit: ObjectID,
        to remote: GitRepository,
        branch: String,
        from old: ObjectID?,
        message: String,
        note: String
    ) throws(GitError) -> Bool {
        guard try remote.reference(branch) == old else { return false }
        try copy(commit, excluding: old.map { [$0] } ?? [], to: remote)
        return try remote.moveBranch(branch, from: old, to: commit, message: message, note: note)
    }

    /// Brings a reference of a remote that is a folder here with all that it reaches, and gives what it points at;
    /// nothing where it is not there.
    ///
    /// Only objects come: a reference that is locked, by another process or since one was killed, would stop git's own
    /// fetch.
    package func fetch(remote name: String, reference: String) throws(GitError) -> ObjectID? {
        let folder = try folder(ofRemote: name)
        let remote = try openRemote(name)
        let source = try made("open remote \(name)") { git_remote_create_anonymous($0, pointer, folder) }
        defer { git_remote_free(source) }
        var options = git_fetch_options()
        try check(git_fetch_options_init(&options, UInt32(GIT_FETCH_OPTIONS_VERSION)), "fetch from \(name)")
        options.download_tags = GIT_REMOTE_DOWNLOAD_TAGS_NONE
        while true {
            guard let tip = try remote.reference(reference) else { return nil }
            let result = withStrings([reference]) { names in steady { git_remote_download(source, &names, &options) } }
            try check(result, "fetch \(reference) from \(name)")
            // Where somebody moved it by force between the two looks, the other tip came.
            if try contains(tip) { return tip }
        }
    }

    /// Fetches a branch by its full name, and notes where it is there as `refs/remotes/<remote>/<branch>`.
    ///
    /// That is for people and tools, and nothing depends on it: where another process writes it, that one's is as good.
    /// Its lock is noted in a file.
    package func fetchBranch(_ branch: String, remote name: String, note: String) throws(GitError) -> ObjectID? {
        guard let tip = try fetch(remote: name, reference: branch) else { return nil }
        let tracking = branch.replacing("refs/heads/", with: "refs/remotes/\(name)/", maxReplacements: 1)
        let before = try reference(tracking)
        if before != tip {
            let message = "ftops: fetch from \(name)"
            _ = try? compareAndSwap(tracking, from: before, to: tip, message: message, note: note)
        }
        return tip
    }

    private func location(ofRemote name: String) throws(GitError) -> RemoteLocation {
        if let remote = try remote(named: name) { return remote.location }
        throw GitError(.notFound, "there is no remote `\(name)`; add it by `git remote add \(name) URL`")
    }
}

extension GitError {
    /// A remote's folder that is not there, or not now.
    package init(unreachable name: String, at folder: String) {
        self.init(
            .unreachableRemote,
            """
            remote `\(name)` cannot be reached: there is no git repository at \(folder); \
            bring it back, or name another by `git remote set-url \(name) URL`
            """
        )
    }
}

/// Hands texts to a libgit2 call as an array of C strings.
func withStrings<Result>(_ texts: [String], _ body: (inout git_strarray) -> Result) -> Result {
    let bytes = texts.map { Array($0.utf8CString) }
    let copies = bytes.map { text in
        let copy = UnsafeMutablePointer<CChar>.allocate(capacity: text.count)
        copy.initialize(from: text, count: text.count)
        return copy
    }
    defer { for copy in copies { copy.deallocate() } }
    var pointers: [UnsafeMutablePointer<CChar>?] = copies
    return pointers.withUnsafeMutableBufferPointer { pointers in
        var array = git_strarray(strings: pointers.baseAddress, count: texts.count)
        return body(&array)
    }
}
