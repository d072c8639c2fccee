//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import ArgumentParser
internal import Git
internal import Ledger
internal import POSIX
internal import Reconciler
internal import Reports
internal import Runs

/// `ftops doctor`.
struct DoctorCommand: FtopsSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Check that everything is there that ftops needs, and mend the ledger with --fix."
    )

    @OptionGroup var global: GlobalOptions

    @Flag(help: "Make a missing ledger anew from the versions of all branches and the last copy of it.")
    var fix = false

    func execute(_ context: CommandContext) throws {
        let workspace = try context.workspace()
        var isWell = true
        func report(_ name: String, _ check: () throws -> String) {
            do {
                context.console.output("ok    \(name): \(TerminalText.line(try check()))\n")
            } catch {
                isWell = false
                context.console.output("wrong \(name): \(TerminalText.line("\(error)"))\n")
            }
        }
        report("repository") { workspace.repository.workTree ?? workspace.repository.gitDirectory }
        report("identity") {
            let identity = try workspace.repository.configuredIdentity()
            return "\(identity.name) <\(identity.email)>"
        }
        report("state") { try StateFolder.open(workspace.places.state).path }
        report("trainer") { try workspace.places.launcher() }
        report("devices") {
            try DeviceSurvey(environment: ProcessEnvironment.variables).devices().map(\.description)
                .joined(separator: ", ")
        }
        var broken: [String] = []
        report("ledger") {
            let found = try ledger(workspace)
            broken = found.broken
            return found.summary
        }
        for file in broken { report("version") { throw ReconcilerError(.damaged, file) } }
        guard isWell else { throw ExitCode(FtopsExit.error) }
    }

    private func ledger(_ workspace: Workspace) throws -> (summary: String, broken: [String]) {
        let service = try RunService(workspace)
        do {
            let ledger = try service.check()
            guard fix else { return (Self.summary(ledger), []) }
            let completed = try service.completeLedger()
            return (Self.summary(completed.ledger), completed.broken)
        } catch let error as LedgerError where error.code == .missing && fix {
            let rebuilt = try service.rebuildLedger()
            return ("made anew, " + Self.summary(rebuilt.ledger), rebuilt.broken)
        }
    }

    private static func summary(_ snapshot: LedgerSnapshot) -> String {
        guard let tip = snapshot.tip else { return "none yet" }
        return "\(snapshot.entries.count) run\(snapshot.entries.count == 1 ? "" : "s") at \(tip.short)"
    }
}
