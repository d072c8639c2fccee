//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Downloads
internal import Git
internal import Manifests
internal import POSIX
package import Resources

/// Lists base models, and writes what their hosts have by now into the manifests of the work tree.
package struct BaseUpdate {
    private let workspace: Workspace
    private let state: DesiredState
    private let diagnostics: [Diagnostic]

    /// What became of one source's pin.
    package struct Result: Hashable, Sendable {
        /// The base model.
        package let base: ResourceName
        /// The field that has the pin.
        package let field: String
        /// What the manifest had; nothing where there was no pin.
        package let old: String?
        /// What it has now.
        package let new: String
        /// The manifest's path.
        package let file: String
    }

    /// Reads the manifests of the work tree; errors elsewhere in them are no hindrance.
    package init(_ workspace: Workspace) throws {
        self.workspace = workspace
        (state, diagnostics) = try workspace.editable()
    }

    /// Asks the hosts of a base model, and writes the pins that have changed.
    package func update(_ name: String) throws -> [Result] {
        let base = try find(name)
        let lookup = PinLookup(environment: ProcessEnvironment.variables)
        let results = try [node(of: base, lookup), replicate(of: base, lookup)].compactMap { $0 }
        guard !results.isEmpty else {
            throw ReconcilerError(.unknownName, "base model \(name) comes from a folder: there is no host to ask")
        }
        for result in results where result.old != result.new {
            let keys = result.field.split(separator: ".").map(String.init)
            let target = ManifestEditor.Target(
                kind: "BaseModel",
                name: base.name,
                path: ["spec"] + keys,
                after: "huggingface"
            )
            try workspace.edit(base.range.file, target, to: result.new)
        }
        return results
    }

    private func find(_ name: String) throws -> Located<BaseModel> {
        if let base = state.baseModels[ResourceName(rawValue: name)] { return base }
        throw ReconcilerError(unusable: name, "BaseModel", among: Array(state.baseModels.keys), diagnostics)
    }

    private func node(of base: Located<BaseModel>, _ lookup: PinLookup) throws -> Result? {
        switch base.spec.node?.source {
        case .huggingFace(let id, let revision):
            // A pin says nothing of the branch that it was taken from; what is no pin is one.
            let isBranch = !revision.isEmpty && !BaseModel.isCommit(revision)
            let commit = try told(base) { () throws(DownloadError) in
                try lookup.commit(ofModel: id, at: isBranch ? revision : nil)
            }
            return result(base, "node.revision", revision.isEmpty ? nil : revision, commit)
        case .python(let package, let version):
            let newest = try told(base) { () throws(DownloadError) in try lookup.version(ofPackage: package) }
            let old = version.isEmpty ? package : "\(package)==\(version)"
            return result(base, "node.python", old, "\(package)==\(newest)")
        case .path, nil: return nil
        }
    }

    private func replicate(of base: Located<BaseModel>, _ lookup: PinLookup) throws -> Result? {
        guard let old = base.spec.replicate?.version else { return nil }
        let model = String(old.prefix { $0 != ":" })
        let version = try told(base) { () throws(DownloadError) in try lookup.version(ofModel: model) }
        return result(base, "replicate.version", old, "\(model):\(version)")
    }

    private func told(_ base: Located<BaseModel>, _ body: () throws(DownloadError) -> String) throws -> String {
        do throws(DownloadError) { return try body() } catch { throw ReconcilerError(error, at: base.range) }
    }

    private func result(_ base: Located<BaseModel>, _ field: String, _ old: String?, _ new: String) -> Result {
        Result(base: base.name, field: field, old: old, new: new, file: base.range.file)
    }
}

extension Workspace {
    /// Gives a field of a manifest a text. The file is read again: whoever edits it meanwhile loses nothing but in the
    /// moment of writing.
    func edit(_ file: String, _ target: ManifestEditor.Target, to text: String) throws {
        let path = top + "/" + file
        do {
            var editor = ManifestEditor(ManifestFile(path: file, bytes: try FileContents.read(path)))
            try editor.set(target, to: text)
            let permissions = try FileStatus.of(path)?.permissions ?? 0o644
            try DurableFile.write(editor.file.bytes, to: path, permissions: permissions)
        } catch let error as ManifestEditError {
            throw ReconcilerError(.invalid, error.message)
        }
    }
}
