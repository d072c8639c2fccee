//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import ArgumentParser
internal import Reports

/// The form of a command's result.
struct OutputOptions: ParsableArguments {
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text
        case json
    }

    @Option(name: .customLong("format"), help: "text or json.")
    private var chosen: Format = .text

    @Flag(name: .customLong("json"), help: "Short for --format json, whose members .docs/json.md describes.")
    private var json = false

    var format: Format { json ? .json : chosen }

    /// The form of findings that stand in the way of the result.
    var findingFormat: DiagnosticFormat { format == .json ? .json : .text }
}
