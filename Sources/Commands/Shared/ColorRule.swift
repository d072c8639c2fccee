//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// When output is coloured: what the environment says, and what the command line says.
struct ColorRule: Hashable, Sendable {
    /// Whether the terminal can do nothing but print.
    let isDumb: Bool
    private let isForbidden: Bool
    private let isForced: Bool

    init(_ environment: [String: String], isForbidden: Bool) {
        func isSet(_ name: String) -> Bool { environment[name]?.isEmpty == false }
        isDumb = environment["TERM"] == "dumb"
        self.isForbidden = isForbidden || isSet("NO_COLOR") || isSet("FTOPS_NO_COLOR")
        isForced = ["FORCE_COLOR", "CLICOLOR_FORCE"].contains { isSet($0) && environment[$0] != "0" }
    }

    /// Whether a stream is coloured.
    func allows(isTerminal: Bool) -> Bool { !isForbidden && (isForced || isTerminal && !isDumb) }
}
