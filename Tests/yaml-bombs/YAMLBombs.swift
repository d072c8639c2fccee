//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import FtopsTestSupport
import Glibc
import POSIX

/// Lets ftops read hostile manifests, each in a process of its own, and prints how long it took and how much memory.
///
/// `yaml-bombs FTOPS` is what `make bombs` runs. It calls itself for each measurement, from a process without a bomb in
/// its own memory: what a process had before `exec` counts among what its child is said to have had.
@main
struct YAMLBombs {
    static func main() throws {
        let arguments = CommandLine.arguments
        switch arguments.count {
        case 2: try report(arguments[0], ftops: arguments[1])
        case 3: try measure(ftops: arguments[1], in: arguments[2])
        default: print("usage: yaml-bombs FTOPS")
        }
    }

    private static func report(_ program: String, ftops: String) throws {
        print(" seconds   MB  what                                    how it is refused")
        var isBounded = true
        for bomb in HostileYAML.all {
            let folder = try ScratchFolder()
            try Folder.makeNew(folder.path("manifests"))
            try DurableFile.write(bomb.bytes, to: folder.path("manifests/bomb.yaml"))
            try run("/usr/bin/git", ["init", "--quiet", folder.path])
            let figures = try run(program, [ftops, folder.path], output: folder.path("figures"))
            let padding = String(repeating: " ", count: max(0, 38 - bomb.description.count))
            let isRefused = try FileContents.read(folder.path("errors")).starts(with: refusal(of: bomb))
            print("\(figures)  \(bomb.description)\(padding)  \(isRefused ? bomb.refusal ?? "bounded" : "NOT REFUSED")")
            isBounded = isBounded && isRefused
        }
        if !isBounded { exit(1) }
    }

    private static func measure(ftops: String, in folder: String) throws {
        var options = SpawnOptions(executable: ftops, arguments: ["-C", folder, "validate"])
        options.error = .file(try OpenFile(folder + "/errors", .create))
        options.output = .null
        let start = MonotonicClock.now
        let child = try ChildProcess.spawn(options)
        let end = try child.wait()
        let hundredths = (MonotonicClock.now - start) / .milliseconds(10)
        let seconds = "\(Int(hundredths) / 100).\(Int(hundredths) % 100 < 10 ? "0" : "")\(Int(hundredths) % 100)"
        print("\(padded(seconds, 8)) \(padded(String((child.peakMemory ?? 0) >> 20), 4))")
        if case .signaled = end { print("ftops \(end)") }
    }

    private static func refusal(of bomb: HostileYAML) -> [UInt8] {
        guard let refusal = bomb.refusal else { return [] }
        return Array(("manifests/bomb.yaml:" + refusal.replacing(": ", with: ": error: ", maxReplacements: 1)).utf8)
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }

    @discardableResult
    private static func run(_ program: String, _ arguments: [String], output: String? = nil) throws -> String {
        var options = SpawnOptions(executable: program, arguments: arguments)
        if let output { options.output = .file(try OpenFile(output, .create)) }
        _ = try ChildProcess.spawn(options).wait()
        let text = try output.map { String(decoding: try FileContents.read($0), as: UTF8.self) } ?? ""
        return text.hasSuffix("\n") ? String(text.dropLast()) : text
    }
}
