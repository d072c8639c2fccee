//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import POSIX

extension Places {
    /// The places of this process.
    package static func current(
        environment: [String: String] = ProcessEnvironment.variables
    ) throws(RunsError) -> Places {
        try find(environment: environment, executable: ProcessEnvironment.executable, facts: .machine)
    }
}

extension Places.Facts {
    /// What this machine's disk says.
    package static var machine: Places.Facts {
        Places.Facts(
            isExecutable: FileStatus.isExecutable,
            isFolder: FileStatus.isFolder,
            isWritable: FileStatus.isWritable,
            home: Machine.home
        )
    }
}

/// A runner of a CI service is thrown away after its job, and its disk with it.
package enum RunnerRule {
    /// Whether this is a runner of a CI service.
    package static func isRunner(_ environment: [String: String]) -> Bool {
        environment["CI"].map { !["", "0", "false"].contains($0.lowercased()) } ?? false
    }

    /// Why this runner must not train into the store at a location: `CI` is set and it is a folder on its own disk.
    package static func refusal(environment: [String: String], store: String) -> String? {
        guard isRunner(environment), store.hasPrefix("/") else { return nil }
        var folder = store
        while !FileStatus.isFolder(folder), folder != "/" { folder = Folder.parent(of: folder) }
        if (try? FileSystemKind.network(folder)) ?? nil != nil { return nil }
        return "CI is set and the artifact store \(store) lies on this runner's own disk, which is gone after the job: "
            + "name a store that stays in the Project's artifacts, or unset CI"
    }
}
