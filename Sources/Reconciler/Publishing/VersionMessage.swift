//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Foundation
internal import Resources

/// The message of a commit that publishes a version, with trailers by which it is known again.
enum VersionMessage {
    static func text(_ record: VersionRecord, as content: Publication.Content = .version) -> String {
        var lines = [
            "\(content.verb) \(record.model) \(record.number ?? 0) (\(record.id.short))",
            "",
            "\(record.fineTunes.map(\.rawValue).joined(separator: ", ")): \(record.training.steps) steps on "
                + "\(record.inputs.trainRows) rows of \(record.inputs.dataset)\(losses(record)).",
            "",
            "Ftops-Run: \(record.run)",
            "Ftops-Fingerprint: \(record.fingerprint)",
            "Ftops-Version: \(record.id)",
        ]
        lines.append("")
        return lines.joined(separator: "\n")
    }

    /// Whether a commit's message is one of these.
    static func isOne(_ message: String) -> Bool {
        message.split(separator: "\n").contains { $0.hasPrefix("Ftops-Version: ") }
    }

    private static func losses(_ record: VersionRecord) -> String {
        guard let after = record.training.validationLoss else { return "" }
        let number: (Double) -> String = { String(format: "%.3f", $0) }
        let before = record.training.baseValidationLoss.map { "\(number($0)) -> " } ?? ""
        return ", validation loss \(before)\(number(after))"
    }
}
