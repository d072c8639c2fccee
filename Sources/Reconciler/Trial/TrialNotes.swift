//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import JSON
internal import POSIX
internal import Planning
internal import Resources

/// What trials took on this machine: a file for each fingerprint in the state folder, by which plans estimate.
struct TrialNotes {
    private let folder: String

    init(state: String) { folder = state + "/trials" }

    /// What a fingerprint's trial took; nothing where there was none, or its note is damaged.
    func trial(of fingerprint: Fingerprint) -> Trial? {
        guard let bytes = try? FileContents.readIfPresent(path(of: fingerprint)),
            let json = try? JSONParser.parse(bytes[...]), json["format"]?.int == 1, let steps = json["steps"]?.int,
            let rate = json["tokens_per_second"]?.double, let startup = json["startup"]?.double, rate > 0
        else { return nil }
        return Trial(steps: steps, tokensPerSecond: rate, startup: startup)
    }

    func keep(_ trial: Trial, of fingerprint: Fingerprint) throws {
        try Folder.make(folder)
        let json: JSONValue = [
            "format": 1,
            "fingerprint": .string(fingerprint.rawValue),
            "steps": .int(trial.steps),
            "tokens_per_second": .double(trial.tokensPerSecond),
            "startup": .double(trial.startup),
        ]
        try DurableFile.write(JSONText.pretty(json), to: path(of: fingerprint))
    }

    private func path(of fingerprint: Fingerprint) -> String { "\(folder)/\(fingerprint.rawValue).json" }
}
