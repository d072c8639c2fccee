//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import POSIX
internal import Reconciler
internal import Reports

/// Shows tokens being counted: a line that is drawn over on a terminal, elsewhere one at the start where it takes long.
struct CountView {
    private let console: Console

    /// Bytes of rows that are counted in a moment.
    private static let few = 4 << 20

    init(console: Console) { self.console = console }

    /// Takes what a plan tells.
    func show(_ progress: Counting.Progress) {
        let text = TerminalText.line("counting the tokens of \(progress.fineTune)")
        let size = Figures.bytes(progress.size)
        if console.drawsOver {
            let amount = progress.read > 0 ? "\(Figures.bytes(progress.read)) of \(size)" : size
            let room = max(20, (Terminal.columns(.error) ?? 80) - 1 - amount.count - 2)
            let line = progress.isOver ? "" : "\(DisplayWidth.truncated(text, to: room))  \(amount)"
            Terminal.write("\r\u{1B}[K" + line, to: .error)
        } else if progress.read == 0, !progress.isOver, progress.size >= Self.few {
            console.note("\(text) (\(size))")
        }
    }
}
