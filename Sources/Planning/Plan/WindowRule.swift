//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Resources

/// When Project lets trainings be started.
package struct WindowRule {
    private let windows: [TrainingWindow]
    private let range: SourceRange?
    private let offset: (String, Timestamp) -> Int64?

    /// Makes the rule of a project; `offset` tells by how many seconds a time zone is ahead of UTC at a time.
    package init(_ project: Located<Project>?, offset: @escaping (String, Timestamp) -> Int64?) {
        windows = project?.spec.policies.windows ?? []
        range = project?.fields["spec.policies.windows"] ?? project?.range
        self.offset = offset
    }

    /// Why no training may be started at a time; nothing where one may.
    package func block(at now: Timestamp) -> Action.Block? {
        guard !windows.isEmpty, !isOpen(at: now) else { return nil }
        // In two days each opens, but for one whose zone is unknown or whose hours the clock skips.
        let next = stride(from: Int64(60), through: 172_800, by: 60).lazy
            .map { now.advanced(by: $0 - now.seconds % 60) }
            .first(where: isOpen)
        let texts = windows.map(\.text).joined(separator: ", ")
        let reason = "trains in \(texts)" + (next.map { "; next at \($0)" } ?? "")
        return Action.Block(kind: .window, reason: reason, range: range)
    }

    private func isOpen(at now: Timestamp) -> Bool {
        let day = Int64(TrainingWindow.day)
        return windows.contains { window in
            guard let offset = offset(window.zone, now) else { return false }
            let minute = (now.seconds + offset) / 60 % day
            return window.isOpen(atMinute: Int((minute + day) % day))
        }
    }
}
