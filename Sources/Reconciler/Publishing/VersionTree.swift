//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Datasets
internal import Ledger
internal import Planning
internal import Reports
package import Resources

/// The files below `versions/` that a record makes: itself, its loss curve, the model's README, and
/// the report of the sweep that it is a point of.
package struct VersionTree {
    /// The record with its number, and the files to write by path.
    package struct Addition {
        /// The record as it is committed.
        package let record: VersionRecord
        /// Bytes by path from the top of the repository.
        package let files: [String: [UInt8]]
    }

    /// All versions that the commit to build on has.
    package let existing: [VersionRecord]

    /// Makes the tree of the versions that a commit has.
    package init(existing: [VersionRecord]) { self.existing = existing }

    /// The folder of a model.
    package static func folder(of model: ModelName) -> String { "versions/\(model.owner)/\(model.name)" }

    /// The fields that the version's template reads for its prompt.
    private static func fields(_ record: VersionRecord) -> [String] {
        (try? CompiledTemplate(Template(form: record.inputs.form)))?.promptFields ?? []
    }

    /// The files of a new version, numbered behind the model's last; or of one that is there, with what was added to it.
    package func adding(_ record: VersionRecord, description: Model?) -> Addition {
        let siblings = existing.filter { $0.model == record.model && $0.id != record.id }
        let known = existing.first { $0.model == record.model && $0.id == record.id }
        var numbered = record
        numbered.number = known?.number ?? (siblings.compactMap(\.number).max() ?? 0) + 1
        let path = VersionRecordCodec.path(of: numbered)
        let curve = String(path.dropLast("yaml".count)) + "svg"
        let readme = ModelReadme.Contents(
            model: record.model,
            description: description?.description,
            versions: siblings + [numbered],
            fields: Self.fields(numbered)
        )
        var files: [String: String] = [
            path: VersionRecordCodec.text(numbered),
            curve: LossCurve.svg(of: numbered),
            "\(Self.folder(of: record.model))/README.md": ModelReadme.markdown(readme),
        ]
        for sweep in SweepReport.sweeps(in: [numbered]) {
            let stem = "\(Self.folder(of: record.model))/sweeps/\(sweep)"
            files[stem + ".md"] = SweepReport.markdown(sweep, versions: siblings + [numbered])
            files[stem + ".svg"] = SweepReport.svg(sweep, versions: siblings + [numbered])
        }
        return Addition(record: numbered, files: files.mapValues { Array($0.utf8) })
    }
}
