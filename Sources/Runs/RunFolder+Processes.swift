//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import JSON
package import POSIX

extension RunFolder {
    /// The processes of a run that are written down, so that another process can find them.
    package enum Role: String, Sendable {
        /// The one that carries the run through.
        case supervisor
        /// The one that trains.
        case trainer
    }

    /// Writes down who plays a role now.
    package func record(_ process: ProcessIdentity, as role: Role) throws {
        let value: JSONValue = [
            "pid": .int(Int(process.pid)),
            "start_time": .string(String(process.startTime)),
            "session": .int(Int(process.session)),
            "boot": .string(process.boot),
        ]
        try DurableFile.write(JSONText.pretty(value), to: path + "/\(role.rawValue).json")
    }

    /// Who played a role last; nothing where that was never written down.
    package func process(_ role: Role) -> ProcessIdentity? {
        guard let value = try? Self.readJSON(path + "/\(role.rawValue).json"),
            let pid = value["pid"]?.int.flatMap({ Int32(exactly: $0) }),
            let start = value["start_time"]?.string.flatMap({ UInt64($0) }),
            let session = value["session"]?.int.flatMap({ Int32(exactly: $0) })
        else { return nil }
        return ProcessIdentity(pid: pid, startTime: start, session: session, boot: value["boot"]?.string ?? "")
    }
}
