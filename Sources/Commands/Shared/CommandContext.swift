//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import ArgumentParser
internal import Artifacts
internal import Downloads
internal import Foundation
internal import Git
internal import Inference
internal import Ledger
internal import POSIX
internal import Planning
internal import Reconciler
internal import Reports
internal import Resources
internal import Runs

/// What a command works with: the repository, this machine's places, the clock and the streams.
struct CommandContext {
    let options: GlobalOptions
    let console: Console

    init(_ options: GlobalOptions) {
        self.options = options
        console = Console(options)
    }

    /// The time; tests put the clock forward by `FTOPS_CLOCK_OFFSET` seconds.
    var now: () -> Timestamp {
        let offset = ProcessEnvironment.variables["FTOPS_CLOCK_OFFSET"].flatMap { Int64($0) } ?? 0
        return { Timestamp(seconds: WallClock.seconds + offset) }
    }

    /// A path that the user gave, as from the folder that the command runs in.
    func path(_ path: String) -> String { path.hasPrefix("/") ? path : options.directory + "/" + path }

    /// Where `--out` is to write; refused at once where no file can be, as what goes into it may take long to make.
    func target(out file: String) throws -> String {
        let path = path(file)
        guard FileStatus.isFolder(Folder.parent(of: path)) else {
            throw ValidationError("--out names \(file), and there is no folder \(Folder.parent(of: file))")
        }
        if let there = try FileStatus.of(path), there.kind != .file {
            throw ValidationError("--out names \(file), which is there and no file")
        }
        return path
    }

    /// The text of a file that the user named, of some megabytes at most.
    func text(of file: String) throws -> String {
        String(decoding: try FileContents.read(path(file), limit: 64 << 20), as: UTF8.self)
    }

    func workspace() throws -> Workspace {
        var workspace = try Workspace(directory: options.directory, places: try Places.current(), now: now)
        let view = DownloadView(console: console)
        workspace.fetcher.onProgress = { view.show($0) }
        let counts = CountView(console: console)
        workspace.counting.onProgress = { counts.show($0) }
        return workspace
    }
}

extension Workspace {
    /// What asks versions whose weights are in a store.
    func runner(_ store: ArtifactStore) throws -> ModelRunner {
        ModelRunner(launcher: TrainerLauncher(path: try places.launcher()), store: store, cache: places.cache)
    }

    /// Makes the trainer's environment where it is missing, which takes a minute and tells so.
    func prepareTrainer() throws { try TrainerLauncher(path: try places.launcher()).prepareEnvironment() }

    /// Where this machine answers, and says so where that is slow.
    func placeToAnswer(_ console: Console) throws -> GenerationPlace {
        let environment = ProcessEnvironment.variables
        let place = try GenerationPlace.take(
            oneOf: DeviceSurvey(environment: environment).devices(),
            in: DeviceLock.folder(environment: environment)
        )
        if place.isCrowded { console.note("note: runs use every GPU now, so the CPU answers, which takes longer") }
        return place
    }
}

/// A command of ftops: errors are printed as ftops prints them, and become its exit codes.
protocol FtopsSubcommand: ParsableCommand {
    var global: GlobalOptions { get }
    /// The form of findings that keep the command from its result.
    var findingFormat: DiagnosticFormat { get }

    func execute(_ context: CommandContext) throws
}

extension FtopsSubcommand {
    var findingFormat: DiagnosticFormat { .text }

    func run() throws {
        let context = CommandContext(global)
        do {
            try execute(context)
        } catch let code as ExitCode {
            throw code
        } catch let error as ValidationError {
            context.console.note("error: \(error.message)")
            throw ExitCode(FtopsExit.usage)
        } catch {
            context.console.report(error, as: findingFormat)
            throw ExitCode(FtopsExit.error)
        }
    }
}

/// The exit codes of the design.
enum FtopsExit {
    static let error: Int32 = 1
    static let changes: Int32 = 2
    static let unformatted: Int32 = 3
    static let blocked: Int32 = 10
    static let gateNotMet: Int32 = 12
    static let usage: Int32 = 64
    static let interrupted: Int32 = 130
    static let terminated: Int32 = 143
}

extension Console {
    /// Prints an error: its findings where it has some, then what happened.
    func report(_ error: any Error, as format: DiagnosticFormat = .text) {
        let findings = (error as? ReconcilerError)?.diagnostics ?? []
        if !findings.isEmpty { show(findings, as: format) }
        // What one finding says with its place need not be said again without.
        let isSaid = format == .text && findings.count == 1 && "\(error)".hasSuffix(findings[0].message)
        if !isSaid { note("error: \(error)") }
    }
}
