//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import POSIX
internal import Reports

/// A line that says what is waited for, and goes when it has come; only on a terminal.
struct WaitLine {
    let console: Console

    func show(_ text: String) {
        guard console.drawsOver else { return }
        let line = DisplayWidth.truncated(TerminalText.line(text), to: (Terminal.columns(.error) ?? 80) - 1)
        Terminal.write("\r\u{1B}[K\(line)", to: .error)
    }

    func clear() {
        guard console.drawsOver else { return }
        Terminal.write("\r\u{1B}[K", to: .error)
    }
}
