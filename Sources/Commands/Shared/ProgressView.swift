//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import POSIX
internal import Reconciler
internal import Reports
internal import Resources
internal import Runs

/// Shows how runs come along: a bar that is drawn over on a terminal, a line now and then elsewhere.
final class ProgressView {
    private let console: Console
    private var shown = ""
    private var latest: Duration?
    private var activity: Activity?
    private var isPausing = false

    /// Seconds between two lines where there is no terminal.
    private static let interval = 30

    /// What a run is busy with, and since when.
    private struct Activity {
        let name: ResourceName
        let phase: TrainingProgress.Phase
        let words: String?
        let since: Duration
    }

    init(console: Console) { self.console = console }

    /// What `apply` tells to.
    var reporter: ApplyReporter {
        ApplyReporter(
            say: { self.say($0) },
            progress: { self.progress($0, $1) },
            wish: { self.wish() },
            shouldLeave: { self.shouldLeave() }
        )
    }

    /// Ends the line that is drawn over.
    func finish() {
        guard !shown.isEmpty else { return }
        Terminal.write("\n", to: .error)
        shown = ""
    }

    private func say(_ text: String) {
        finish()
        console.note(text)
    }

    private func progress(_ name: ResourceName, _ summary: TrainingSummary) {
        var state = TrainingProgress(summary)
        let isNew = note(name, state)
        if let activity { state.elapsed = (MonotonicClock.now - activity.since) / .seconds(1) }
        guard console.drawsOver else { return lines(name, state, isNew: isNew) }
        let text = ProgressLine.bar(name.rawValue, state, width: (Terminal.columns(.error) ?? 80) - 1)
        guard text != shown else { return }
        Terminal.write("\r\u{1B}[K\(text)", to: .error)
        shown = text
    }

    /// Remembers since when a run does what it does; whether that is something new.
    private func note(_ name: ResourceName, _ state: TrainingProgress) -> Bool {
        if let activity, (activity.name, activity.phase, activity.words) == (name, state.phase, state.activity) {
            return false
        }
        activity = Activity(name: name, phase: state.phase, words: state.activity, since: MonotonicClock.now)
        return true
    }

    private func lines(_ name: ResourceName, _ state: TrainingProgress, isNew: Bool) {
        let now = MonotonicClock.now
        let isDue = latest.map { now - $0 >= .seconds(Self.interval) } ?? true
        guard isDue || isNew else { return }
        latest = now
        console.note(ProgressLine.plain(name.rawValue, state))
    }

    private func shouldLeave() -> Bool {
        if SignalFlags.isReceived { finish() }
        return SignalFlags.isReceived
    }

    /// What Ctrl-C comes to: on a terminal a question, elsewhere that the training is left running, as after SIGTERM.
    /// A second one leaves at once.
    private func wish() -> ApplyReporter.Wish {
        guard SignalFlags.isReceived else { return .watch }
        if isPausing, SignalFlags.count == 1 { return .pause }
        finish()
        if !isPausing, SignalFlags.count == 1, SignalFlags.interruptions == 1, asksToPause() {
            isPausing = true
            console.note("pausing at the next checkpoint; Ctrl-C leaves at once")
            return .pause
        }
        console.note(
            isPausing
                ? "left; the training pauses at its next checkpoint, and ftops apply goes on with it"
                : "left; the training goes on: ftops status shows it, ftops apply watches it, ftops cancel ends it"
        )
        return .leave
    }

    private func asksToPause() -> Bool {
        guard Terminal.isTerminal(.input), Terminal.isTerminal(.error) else { return false }
        let question = "Pause the training at a checkpoint (p), or leave it running (Enter)? "
        let answer = Terminal.ask("\n" + question, knownSignals: 1)
        if answer == nil { Terminal.write("\n", to: .error) }
        return ["p", "pause"].contains(answer?.lowercased())
    }
}
