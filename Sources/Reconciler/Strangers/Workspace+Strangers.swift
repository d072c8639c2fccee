//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Git
internal import Resources

extension Workspace {
    /// The same for a change of strangers: commits are read and no work tree, nothing is fetched or started on behalf of
    /// their manifests, and the cache is left as it is, so that no later plan can come out otherwise for what they wrote.
    package func forStrangers() -> Workspace {
        var workspace = self
        workspace.isForStrangers = true
        workspace.remembers = false
        workspace.counting.allowance = .nothing
        return workspace
    }
}

extension Workspace.Desired {
    /// The same under the Project that counts in a plan: of a stranger's change it is never the change's own that says
    /// which places of this machine are read.
    func governed(by rule: ProjectRule) -> Workspace.Desired {
        var governed = self
        switch rule {
        case .own: break
        case .ownWithoutPlaces:
            governed.state.project = state.project?.withoutPlaces
            let message =
                "budgets and policies are this change's own, and its store and git settings are left out; "
                + "--base REF plans by the Project of REF"
            governed.note(message, unless: state.project == nil)
        case .of(let base, let project):
            governed.state.project = project
            let message = "this change has another Project than \(base): the plan goes by the one of \(base)"
            governed.note(message, unless: state.project?.spec == project?.spec)
        }
        return governed
    }

    private mutating func note(_ message: String, unless isFine: Bool) {
        guard !isFine else { return }
        warnings.append(
            Diagnostic("project-of-stranger", message, severity: .warning, range: state.project?.range)
        )
    }
}

/// Whose Project says what a plan's fine-tunes may cost, by what they are judged, and where versions lie.
enum ProjectRule {
    /// That of the manifests that are planned.
    case own
    /// That of a stranger's change, but for what it says of places.
    case ownWithoutPlaces
    /// That of the commit that a stranger's change is to be merged into; nothing where it has none.
    case of(base: String, Located<Project>?)
}

extension Located<Project> {
    /// The Project with the standard places: the machine's own store, git's own remote, the standard ledger.
    fileprivate var withoutPlaces: Located<Project> {
        var project = self
        project.spec.artifactStore = nil
        project.spec.git = Project.Git()
        return project
    }
}
