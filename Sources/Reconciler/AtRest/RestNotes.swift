//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Datasets
internal import Digest
internal import Git
internal import Runs

/// Notes of plans in which everything was up-to-date: one for each work tree and each surroundings that plans are made in.
struct RestNotes {
    private let notes: NoteFolder
    private let name: String

    /// The notes of a repository; nothing where it has no work tree.
    init?(_ repository: GitRepository, _ places: Places, in surroundings: Surroundings? = .current) {
        guard let top = repository.workTree, let surroundings else { return nil }
        notes = NoteFolder(
            places.cache + "/at-rest",
            NoteFolder.Bounds(partDigits: 0, notesInPart: 64, noteSize: 16 << 20)
        )
        var hasher = SHA256Hasher()
        for text in [top, repository.gitDirectory, places.state, places.trainer ?? ""] + places.trainerCandidates {
            hasher.update(text + "\0")
        }
        surroundings.add(to: &hasher)
        name = hasher.finalize().hex
    }

    /// What is remembered; nothing where there is none, or a damaged one.
    func recall() -> RestNote? { notes.recall(name).flatMap(RestNote.init(json:)) }

    /// Keeps a note in place of the one before.
    func keep(_ note: RestNote) { notes.keep(note.json, under: name) }
}
