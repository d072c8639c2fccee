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
    private var phase: TrainingProgress.Phase?

    /// Seconds between two lines where there is no terminal.
    private static let interval = 30

    init(console: Console) { self.console = console }

    /// What `apply` tells to.
    var reporter: ApplyReporter {
        ApplyReporter(
            say: { self.say($0) },
            progress: { self.progress($0, $1) },
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
        let state = TrainingProgress(summary)
        guard console.drawsOver else { return lines(name, state) }
        let text = ProgressLine.bar(name.rawValue, state, width: (Terminal.columns(.error) ?? 80) - 1)
        guard text != shown else { return }
        Terminal.write("\r\u{1B}[K\(text)", to: .error)
        shown = text
    }

    private func lines(_ name: ResourceName, _ state: TrainingProgress) {
        let now = MonotonicClock.now
        let isDue = latest.map { now - $0 >= .seconds(Self.interval) } ?? true
        guard isDue || state.phase != phase else { return }
        latest = now
        phase = state.phase
        console.note(ProgressLine.plain(name.rawValue, state))
    }

    private func shouldLeave() -> Bool {
        guard SignalFlags.isReceived else { return false }
        finish()
        console.note("left; the training goes on: ftops status shows it, ftops apply watches it, ftops cancel ends it")
        return true
    }
}
