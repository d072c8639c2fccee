//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Datasets
package import Manifests
internal import POSIX
package import Resources
package import Runs

/// A file of rows that somebody wants to train on, and the manifest that is proposed for it.
package struct DataStart {
    /// The manifest.
    package let manifest: StarterManifest
    /// The file, by its path on this machine.
    package let file: String
    /// The file's path from the top of the repository.
    package let source: String
    /// Whether the file lies elsewhere, and has to be copied there.
    package let isCopied: Bool
    /// The rows that were looked at, and whether these are all.
    package let rows: (count: Int, isWhole: Bool)
    /// The columns that are trained on, the answer last.
    package let columns: [String]
    /// The columns that are left out.
    package let unused: [String]

    /// Looks at the first rows of a file, for a repository whose top is a folder; what is made of it is called after the
    /// file where no name is given.
    package init(_ path: String, top: String, places: Places, name given: ResourceName?, base: ResourceName) throws {
        guard !path.contains("://") else {
            throw ReconcilerError(
                .invalid,
                "\(path) is an address: init takes a file, and .docs/data.md has the others"
            )
        }
        guard let found = Folder.resolved(path), FileStatus.isFile(found) else {
            throw ReconcilerError(
                .invalid,
                "\(path) is no file: give the path of a CSV, TSV, JSON, JSONL or Parquet file"
            )
        }
        let name = FileName(found)
        let inside = Self.inside(found, of: top)
        let resource = given?.rawValue ?? name.resource
        (file, isCopied, source) = (found, inside == nil, inside ?? "datasets/\(resource)\(name.endings)")
        let shown = path.hasPrefix("./") ? String(path.dropFirst(2)) : path
        let survey = try Self.survey(shown, at: found, places)
        guard let roles = ColumnRoles(survey.columns.map { ColumnRoles.Column($0, of: survey.rows) }) else {
            let names = survey.columns.prefix(10).map(\.name).joined(separator: ", ")
            let message =
                "no column of \(shown) can be learned: each needs a text in every row, and a name without {}[].!: "
            throw ReconcilerError(.invalid, message + "(\(names))")
        }
        (rows, columns, unused) = ((survey.rows, survey.isWhole), roles.form.names, roles.unused)
        let known = StarterManifest.Rows(
            name: ResourceName(rawValue: resource),
            source: source,
            form: roles.form,
            count: survey.rows,
            longest: survey.longestRow
        )
        manifest = StarterManifest(known, base: base)
    }

    private static func survey(_ path: String, at file: String, _ places: Places) throws -> RowSurvey {
        let limits = try DecodingLimits(environment: ProcessEnvironment.variables)
        let launcher = { @Sendable in TrainerLauncher(path: try places.launcher()) }
        let parquet = ParquetRows(cache: places.cache, launcher: launcher, limit: limits.size)
        do {
            let reading = RowReading(limits: limits, parquet: parquet)
            return try RowSurvey.of(RowSource(name: path, path: file).decoded(nil, named: file, by: reading))
        } catch let error as DatasetError {
            throw ReconcilerError(.invalid, error.message, diagnostics: error.diagnostics)
        }
    }

    /// The path from the top where a manifest can name the file by it, and git has it.
    private static func inside(_ file: String, of top: String) -> String? {
        guard let folder = Folder.resolved(top), file.hasPrefix(folder + "/") else { return nil }
        let path = String(file.dropFirst(folder.count + 1))
        let first = path.prefix { $0 != "/" }
        return path.contains("://") || [".git", "versions", "manifests"].contains(first) ? nil : path
    }
}

/// A file's name, as resources and copies are called after it.
private struct FileName {
    /// A name of a resource.
    let resource: String
    /// The endings that say the format, such as `.csv.gz`.
    let endings: String

    private static let formats: Set = [
        "csv", "tsv", "tab", "json", "jsonl", "ndjson", "parquet", "gz", "gzip", "zst", "zstd", "txt",
    ]
    /// Files that a new repository has anyway.
    private static let taken: Set = ["project", "base-models"]

    init(_ path: String) {
        var parts = (path.split(separator: "/").last ?? "").split(separator: ".", omittingEmptySubsequences: false)
        var endings = ""
        while parts.count > 1, let last = parts.last?.lowercased(), Self.formats.contains(last) {
            endings = "." + last + endings
            parts.removeLast()
        }
        let words = parts.joined(separator: "-").lowercased().utf8.split { byte in
            !((0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte) || byte == UInt8(ascii: "_"))
        }
        let text = words.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "-")
        let name = String(text.drop { $0 == "_" }.prefix(60))
        resource = name.isEmpty ? "data" : Self.taken.contains(name) ? name + "-data" : name
        self.endings = endings
    }
}

extension ColumnRoles.Column {
    fileprivate init(_ column: RowSurvey.Column, of rows: Int) {
        self.init(name: column.name)
        canBeNamed = column.canBeNamed
        isFilled = column.filled == rows
        isPlain = column.nested == 0 && column.present == rows
        isConversation = column.conversations == rows
        hasLines = column.hasLines
        longest = column.longest
    }
}

extension ColumnRoles.Form {
    fileprivate var names: [String] {
        switch self {
        case .rendered(let columns): columns
        case .conversation(let column), .text(let column): [column.name]
        case .prompt(let columns, let answer): columns.map(\.name) + [answer.name]
        }
    }
}
