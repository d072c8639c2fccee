//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import POSIX
internal import Runs

/// How far an evaluation is: a line that is drawn over on a terminal, and a line for each new thing elsewhere.
final class EvaluationView {
    private let console: Console
    private let line: WaitLine
    private let label: String
    private var told = ""

    init(console: Console, label: String) {
        self.console = console
        line = WaitLine(console: console)
        self.label = label
    }

    func begin() { show("evaluating \(label): loading the base", as: "loading") }

    func show(_ event: TrainerEvent) {
        switch event {
        case .preparing(let message): show(message, as: message)
        case .evaluating(let step):
            let who = step.model == "version" ? label : "its base"
            let what = step.what == "losses" ? "losses of rows" : step.what
            show("\(who): \(step.done) of \(step.total) \(what)", as: step.model + step.what)
        default: break
        }
    }

    func finish() { line.clear() }

    private func show(_ text: String, as thing: String) {
        if console.drawsOver {
            line.show(text)
        } else if thing != told {
            console.note(text)
        }
        told = thing
    }
}
