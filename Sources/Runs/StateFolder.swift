//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import JSON
internal import POSIX

/// The state folder, which is a holder in the ledger: a random id, written at its first use beside the machine's id.
package struct StateFolder: Hashable, Sendable {
    /// The machine as the folder knows it.
    package struct Host: Hashable, Sendable {
        /// Its name, for people.
        package var name: String
        /// Its id.
        package var machine: String

        /// Makes a host.
        package init(name: String, machine: String) {
            self.name = name
            self.machine = machine
        }

        /// This machine.
        package static var current: Host { Host(name: Machine.name, machine: Machine.id) }
    }

    /// The folder.
    package let path: String
    /// The holder's id.
    package let holder: String
    /// The machine.
    package let host: Host

    /// Opens the folder, made where it is missing. A folder that was copied from another machine gets a new holder's id,
    /// so that two machines are never one holder; one on a network file system is refused.
    package static func open(
        _ path: String,
        host: Host = .current,
        network: (String) throws -> String? = { try FileSystemKind.network($0) }
    ) throws -> StateFolder {
        do { try Folder.make(path) } catch {
            throw RunsError(.place, "\(error): set FTOPS_STATE to a folder of yours on a local disk")
        }
        if let kind = try network(path) {
            throw RunsError(
                .networkFileSystem,
                "the state folder \(path) lies on a network file system (\(kind)), where locks cannot be trusted: "
                    + "set FTOPS_STATE to a folder on a local disk"
            )
        }
        let lock = try FileLock.acquire(path + "/holder.lock")
        defer { withExtendedLifetime(lock) {} }
        let file = path + "/holder.json"
        if let holder = try known(in: file, on: host) { return StateFolder(path: path, holder: holder, host: host) }
        let holder = RandomBytes.hex(16)
        let value: JSONValue = [
            "id": .string(holder), "machine": .string(host.machine), "host": .string(host.name),
        ]
        try DurableFile.write(JSONText.pretty(value), to: file, permissions: 0o600)
        return StateFolder(path: path, holder: holder, host: host)
    }

    private static func known(in file: String, on host: Host) throws -> String? {
        guard let bytes = try FileContents.readIfPresent(file, limit: 1 << 16) else { return nil }
        guard let value = try? JSONParser.parse(bytes[...]), let id = value["id"]?.string, !id.isEmpty else {
            throw RunsError(.unreadable, "\(file) is no holder's file: remove it, and this folder is a new holder")
        }
        return value["machine"]?.string == host.machine ? id : nil
    }

    /// The folder of a run.
    package func run(_ id: String) -> RunFolder { RunFolder(path: path + "/runs/" + id) }

    /// The folders of all runs that were prepared here, by their ids.
    package func runs() throws -> [RunFolder] {
        try Folder.names(in: path + "/runs").map(run).filter(\.isPrepared)
    }
}
