//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import ArgumentParser
internal import JSON
internal import POSIX
internal import Reports
internal import Resources

/// The process's streams: data on standard output, everything else on standard error.
struct Console {
    /// Whether results may be coloured.
    let colorsOutput: Bool
    /// Whether messages may be coloured.
    let colorsErrors: Bool
    /// Whether a line of standard error can be drawn over.
    let drawsOver: Bool

    init(_ options: GlobalOptions) {
        let rule = ColorRule(ProcessEnvironment.variables, isForbidden: options.noColor)
        colorsOutput = rule.allows(isTerminal: Terminal.isTerminal(.output))
        colorsErrors = rule.allows(isTerminal: Terminal.isTerminal(.error))
        drawsOver = Terminal.isTerminal(.error) && !rule.isDumb
    }

    /// Prints a document for programs.
    func output(_ document: JSONValue) { output(TerminalText.json(JSONText.pretty(document))) }

    /// Prints a result for people, in the terminal's colours and columns, as far as lines stay easy to read.
    func show(_ render: (_ color: Bool, _ width: Int) -> String) {
        output(render(colorsOutput, Self.width(.output)))
    }

    /// Prints a table for people, in the terminal's columns; in a pipe nothing of it is cut.
    func table(_ render: (_ color: Bool, _ width: Int) -> String) {
        output(render(colorsOutput, Terminal.isTerminal(.output) ? Self.width(.output) : Int(Int32.max)))
    }

    /// Prints a piece of a text that a model wrote: as it is, but for what would steer a terminal.
    func stream(_ text: String) {
        output(Terminal.isTerminal(.output) ? TerminalText.lines(text).joined(separator: "\n") : text)
    }

    /// Prints data, as it is.
    func output(_ text: String) { output(bytes: Array(text.utf8)[...]) }

    /// Prints bytes, as they are. Where they cannot be written the process ends: what follows would be worth nothing.
    func output(bytes: ArraySlice<UInt8>) {
        do {
            try Terminal.write(bytes: bytes, to: .output)
        } catch {
            if !error.isBroken { note("error: \(error)") }
            FtopsCommand.exit(withError: ExitCode(FtopsExit.error))
        }
    }

    /// Prints what accompanies a result, rendered for standard error.
    func tell(_ render: (_ color: Bool, _ width: Int) -> String) {
        Terminal.write(render(colorsErrors, Self.width(.error)), to: .error)
    }

    private static func width(_ stream: Terminal.Stream) -> Int { min(Terminal.columns(stream) ?? 80, 120) }

    /// Prints a message of any origin, and a line feed: nothing in it steers the terminal.
    func note(_ text: String) {
        Terminal.write(TerminalText.lines(text).map { $0 + "\n" }.joined(), to: .error)
    }

    /// Prints findings in a form: those for people with the messages, the others as the result.
    func show(_ findings: [Diagnostic], as format: DiagnosticFormat) {
        if let document = format.document(findings) { output(document) } else { note(findings) }
    }

    /// Prints findings, if there are any.
    func note(_ findings: [Diagnostic]) {
        guard !findings.isEmpty else { return }
        let width = Terminal.isTerminal(.error) ? Self.width(.error) : nil
        Terminal.write(DiagnosticText.render(findings, color: colorsErrors, width: width) + "\n", to: .error)
    }
}
