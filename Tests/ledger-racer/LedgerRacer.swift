//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Dispatch
import Git
import Glibc
import Ledger
import Planning
import Resources

/// One of several processes that race for the ledger, for the tests.
///
/// `ledger-racer first REPOSITORY RACES NAME` takes the first step of as many ledgers; between reading and writing each
/// it says `ready` and waits for a line, the monotonic nanoseconds to go on at. It prints who holds each in the end.
/// `ledger-racer steps REPOSITORY STEPS NAME` takes as many steps on one ledger.
/// `ledger-racer advance REPOSITORY NOTE COMMIT` advances the branch that is checked out to a commit.
/// `ledger-racer move REPOSITORY NOTE COMMIT` moves the branch to a commit and back, until it is killed.
@main
struct LedgerRacer {
    let repository: GitRepository
    let name: String
    let now = Timestamp(seconds: 1_800_000_000)

    static func main() throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 5 else { exit(64) }
        let racer = LedgerRacer(repository: try GitRepository(path: arguments[2]), name: arguments[4])
        do {
            switch (arguments[1], Int(arguments[3])) {
            case ("first", .some(let count)): try racer.race(count)
            case ("steps", .some(let count)): try racer.step(count)
            case ("advance", _): try racer.advance(note: arguments[3])
            case ("move", _): try racer.move(note: arguments[3])
            default: exit(64)
            }
        } catch {
            say("error: \(error)")
            exit(1)
        }
    }

    private func race(_ count: Int) throws {
        for race in 0..<count {
            let reference = "refs/ftops/race-\(race)"
            let ledger = RunLedger(repository: repository, reference: reference, hasVersions: false)
            var isFirst = true
            let after = try ledger.step(message: "claim", now: now) { snapshot in
                if isFirst { Self.wait() }
                isFirst = false
                return snapshot.entries.isEmpty ? [Self.fingerprint(0): entry(0)] : [:]
            }
            say("\(race) \(after.entries.values.first?.holder.id.rawValue ?? "nobody") \(after.tip?.hex ?? "-")")
        }
    }

    private func step(_ count: Int) throws {
        let ledger = RunLedger(repository: repository, hasVersions: false)
        Self.wait()
        for step in 0..<count {
            try ledger.step(message: "step \(step) of \(name)", now: now) { snapshot in
                var shared = snapshot.entries[Self.fingerprint(0)] ?? entry(0)
                let attempt = RunEntry.Attempt(
                    number: shared.attempts.count + 1,
                    holder: HolderID(rawValue: name),
                    backend: .node,
                    estimate: .init(),
                    started: now
                )
                shared.attempts.append(attempt)
                let own = Self.fingerprint((Int(name) ?? 0) * 1_000_000 + step + 1)
                return [Self.fingerprint(0): shared, own: entry((Int(name) ?? 0) * 1_000_000 + step + 1)]
            }
        }
        say("done")
    }

    private func advance(note: String) throws {
        let (old, new) = (try repository.resolve("HEAD"), try repository.resolve(name))
        Self.wait()
        let advance = WorkTreeAdvance(repository, branch: "refs/heads/main", from: old, to: new, note: note)
        try advance.run(message: "advance")
        say("done")
    }

    private func move(note: String) throws {
        var (old, new) = (try repository.resolve("main"), try repository.resolve(name))
        Self.wait()
        while true {
            guard try repository.moveBranch("refs/heads/main", from: old, to: new, message: "move", note: note) else {
                exit(1)
            }
            (old, new) = (new, old)
        }
    }

    private func entry(_ number: Int) -> RunEntry {
        RunEntry(
            state: .claimed,
            fingerprint: Self.fingerprint(number),
            fineTunes: [],
            model: ModelName(owner: "local", name: "m"),
            commit: "0",
            branch: "main",
            holder: RunEntry.Holder(id: HolderID(rawValue: name), host: "here", until: now)
        )
    }

    private static func fingerprint(_ number: Int) -> Fingerprint {
        let digits = String(number)
        let text = "v1-" + String(repeating: "0", count: 64 - digits.count) + digits
        guard let fingerprint = Fingerprint(rawValue: text) else { preconditionFailure("no fingerprint: \(text)") }
        return fingerprint
    }

    /// All racers are told one instant a little ahead, and spin until then, so that they go on together.
    private static func wait() {
        say("ready")
        guard let line = readLine(), let instant = UInt64(line) else { exit(1) }
        while DispatchTime.now().uptimeNanoseconds < instant {}
    }

    private func say(_ line: String) { Self.say(line) }

    private static func say(_ line: String) {
        print(line)
        fflush(nil)
    }
}
