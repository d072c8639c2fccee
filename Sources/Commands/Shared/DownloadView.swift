//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Downloads
internal import POSIX
internal import Reports
internal import Resources
internal import Synchronization

/// Shows downloads come in: a line that is drawn over on a terminal, a line at the start elsewhere.
final class DownloadView: Sendable {
    private struct State {
        var source: RemoteSource?
        var drawn: Duration?
        var isWaiting = false
    }

    private let console: Console
    private let isTerminal = Terminal.isTerminal(.error)
    private let state = Mutex(State())

    init(console: Console) { self.console = console }

    /// Takes what a fetcher tells.
    func show(_ progress: SourceFetcher.Progress) {
        state.withLock { state in
            guard !progress.isOver else { return end(&state) }
            if let obstacle = progress.obstacle { return wait(for: progress.source, obstacle, &state) }
            let isNew = state.source != progress.source
            state.source = progress.source
            let text = TerminalText.line("downloading \(progress.source)")
            guard isTerminal else {
                if isNew { console.note(text) }
                return
            }
            let now = MonotonicClock.now
            guard state.drawn.map({ now - $0 > .milliseconds(100) }) ?? true else { return }
            state.drawn = now
            let amount = Figures.bytes(progress.received) + (progress.expected.map { " of \(Figures.bytes($0))" } ?? "")
            let width = (Terminal.columns(.error) ?? 80) - 1
            let room = max(20, width - amount.count - 2)
            Terminal.write("\r\u{1B}[K\(DisplayWidth.truncated(text, to: room))  \(amount)", to: .error)
        }
    }

    private func wait(for source: RemoteSource, _ obstacle: String, _ state: inout State) {
        guard !state.isWaiting else { return }
        if state.drawn != nil { Terminal.write("\r\u{1B}[K", to: .error) }
        console.note(TerminalText.line("waiting for \(source), and trying again: \(obstacle)"))
        (state.isWaiting, state.drawn) = (true, nil)
    }

    private func end(_ state: inout State) {
        if state.drawn != nil { Terminal.write("\r\u{1B}[K", to: .error) }
        state = State()
    }
}
