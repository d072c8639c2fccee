//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// Where ftops keeps its things on a machine: a pure function of the environment, of the executable's path and of what
/// is there. The working directory is never one of them.
package struct Places: Hashable, Sendable {
    /// What has to be looked up on the disk to tell the places.
    package struct Facts {
        /// Whether a path is a file that may be run.
        package var isExecutable: (String) -> Bool
        /// Whether a path is a folder.
        package var isFolder: (String) -> Bool
        /// Whether this process may write to a path.
        package var isWritable: (String) -> Bool
        /// The user's home, where the environment does not say.
        package var home: String?

        /// Makes facts from look-ups.
        package init(
            isExecutable: @escaping (String) -> Bool,
            isFolder: @escaping (String) -> Bool,
            isWritable: @escaping (String) -> Bool,
            home: String?
        ) {
            self.isExecutable = isExecutable
            self.isFolder = isFolder
            self.isWritable = isWritable
            self.home = home
        }
    }

    /// What may be deleted at any time: environments, converted bases, weights in use.
    package let cache: String
    /// What must not be: runs, and the artifacts unless the Project names another store.
    package let state: String
    /// The folder of the trainer, which has an executable `launch`; nothing where none was found.
    package let trainer: String?
    /// Where it was looked for, for the message that says so.
    package let trainerCandidates: [String]

    /// The store of a project that names none.
    package var artifacts: String { state + "/artifacts" }

    /// Works the places out.
    package static func find(
        environment: [String: String],
        executable: String,
        facts: Facts
    ) throws(RunsError) -> Places {
        let trainers = trainerCandidates(environment, executable, facts)
        return Places(
            cache: try cache(environment, facts),
            state: try state(environment, facts),
            trainer: trainers.first { facts.isExecutable($0 + "/launch") },
            trainerCandidates: trainers
        )
    }

    /// The trainer's `launch`; an error that says where it was looked for where there is none.
    package func launcher() throws(RunsError) -> String {
        guard let trainer else {
            let looked = trainerCandidates.joined(separator: ", ")
            throw RunsError(
                .trainer,
                "no trainer found: looked for launch in \(looked); set FTOPS_TRAINER to the trainer's folder"
            )
        }
        return trainer + "/launch"
    }

    private static func cache(_ environment: [String: String], _ facts: Facts) throws(RunsError) -> String {
        if let folder = absolute(environment["XDG_CACHE_HOME"]) { return folder + "/ftops" }
        return try home(environment, facts, setting: "XDG_CACHE_HOME") + "/.cache/ftops"
    }

    private static func state(_ environment: [String: String], _ facts: Facts) throws(RunsError) -> String {
        if let text = environment["FTOPS_STATE"], !text.isEmpty {
            guard let folder = absolute(text) else {
                throw RunsError(.place, "FTOPS_STATE is \(text), which is no absolute path: give it one")
            }
            return folder
        }
        // systemd gives several, separated by colons, to a unit that asks for several.
        if let folder = absolute(environment["STATE_DIRECTORY"]?.split(separator: ":").first.map(String.init)) {
            return folder
        }
        let shared = "/var/lib/ftops"
        if facts.isFolder(shared), facts.isWritable(shared) { return shared }
        if let folder = absolute(environment["XDG_STATE_HOME"]) { return folder + "/ftops" }
        return try home(environment, facts, setting: "FTOPS_STATE") + "/.local/state/ftops"
    }

    private static func home(
        _ environment: [String: String],
        _ facts: Facts,
        setting: String
    ) throws(RunsError) -> String {
        guard let home = absolute(environment["HOME"]) ?? facts.home else {
            throw RunsError(.place, "neither \(setting) nor HOME says where to keep files: set \(setting)")
        }
        return home
    }

    private static func trainerCandidates(
        _ environment: [String: String],
        _ executable: String,
        _ facts: Facts
    ) -> [String] {
        if let folder = environment["FTOPS_TRAINER"], !folder.isEmpty { return [absolute(folder) ?? folder] }
        let folders = ancestors(of: executable)
        var candidates: [String] = []
        if let prefix = folders.dropFirst().first {
            candidates.append((prefix == "/" ? "" : prefix) + "/share/ftops/trainer")
        }
        // The executable of a package lies below its .build folder, so the package is the folder that holds that one.
        if let build = folders.first(where: { $0.hasSuffix("/.build") }) {
            candidates.append(build.dropLast("/.build".count) + "/Sources/trainer")
        } else if let package = folders.first(where: { facts.isExecutable($0 + "/Sources/trainer/launch") }) {
            candidates.append(package + "/Sources/trainer")
        }
        return candidates
    }

    /// The folders above a path, the nearest first.
    private static func ancestors(of path: String) -> [String] {
        var folders: [String] = []
        var rest = Substring(path)
        while let slash = rest.lastIndex(of: "/") {
            rest = rest[..<slash]
            folders.append(rest.isEmpty ? "/" : String(rest))
        }
        return folders
    }

    /// A variable counts only where it holds an absolute path, as the XDG rules say.
    private static func absolute(_ path: String?) -> String? {
        guard let path, path.hasPrefix("/") else { return nil }
        return path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    }
}
