//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Foundation
import FtopsTestSupport
import Testing

/// What a fault kills.
enum Victim: String, CaseIterable, CustomTestStringConvertible {
    case apply
    case supervisor
    case trainer
    case all

    var testDescription: String { rawValue }

    /// The step of a training at which it is killed, by a seed; 0 is when the training has begun and taken none.
    func step(_ seed: Int, before last: Int) -> Int {
        var generator = SeededGenerator(seed: UInt64(seed) &* 6151 &+ UInt64(rawValue.utf8.count))
        return Int.random(in: 0..<last, using: &generator)
    }

    /// A moment by a seed, in seconds.
    func moment(_ seed: Int, upTo last: Double = 1) -> Double {
        var generator = SeededGenerator(seed: UInt64(seed) &* 7919 &+ UInt64(rawValue.utf8.count))
        return Double.random(in: 0.01...last, using: &generator)
    }
}

extension Running {
    /// Lets it go on for so many seconds, or to its end.
    func goOn(for seconds: Double) {
        let until = ContinuousClock.now + .seconds(seconds)
        while isRunning, ContinuousClock.now < until { Thread.sleep(forTimeInterval: 0.002) }
    }
}

extension Scenario {
    /// Kills an apply, its supervisor, its trainer, or all of them.
    func strike(_ victim: Victim, _ apply: Running) {
        if victim == .apply || victim == .all { apply.kill() }
        if victim == .supervisor || victim == .all { kill(role: "supervisor") }
        if victim == .trainer || victim == .all { kill(role: "trainer") }
    }

    /// One version is on the remote's branch, everything has followed, and nothing is left to do.
    func expectOnePublished(_ comment: Comment) throws {
        let tree = try git("ls-tree", "-r", "--name-only", "main", "versions/", in: origin)
        #expect(tree.split(separator: "\n").count { $0.hasSuffix(".yaml") } == 1, comment)
        #expect(try git("status", "--porcelain") == "", comment)
        try git("fsck", "--strict")
        try git("fsck", "--strict", in: origin)
        #expect(try ftops("plan", "--detailed-exitcode").status == 0, comment)
    }

    /// Kills the processes that the runs' folders name in a role, as `kill -9` does.
    func kill(role: String) { for run in (try? runFolders()) ?? [] { kill(role: role, of: run) } }

    /// Kills the process that a run's folder names in a role.
    func kill(role: String, of run: URL) {
        guard let data = try? Data(contentsOf: run.appending(path: "\(role).json")),
            let object = try? JSONSerialization.jsonObject(with: data) as? [String: Any],
            let pid = object["pid"] as? Int32, pid > 1
        else { return }
        Foundation.kill(pid, SIGKILL)
    }
}
