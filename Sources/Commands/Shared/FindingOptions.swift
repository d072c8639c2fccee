//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import ArgumentParser
internal import Reports

/// The form of the result of a command that says what is wrong with manifests.
struct FindingOptions: ParsableArguments {
    @Option(name: .customLong("format"), help: "text, json, markdown or github (annotations of a workflow).")
    private var chosen: DiagnosticFormat = .text

    @Flag(name: .customLong("json"), help: "Short for --format json, whose members .docs/json.md describes.")
    private var json = false

    var format: DiagnosticFormat { json ? .json : chosen }
}

extension DiagnosticFormat: ExpressibleByArgument {}
