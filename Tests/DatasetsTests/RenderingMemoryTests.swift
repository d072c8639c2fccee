//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Datasets
import Foundation
import FtopsTestSupport
import Glibc
import POSIX
import Resources
import Testing

@Suite("What is remembered of rendered data")
struct RenderingMemoryTests {
    private let scratch: ScratchFolder
    private let file: String

    init() throws {
        scratch = try ScratchFolder()
        file = scratch.path("rows.jsonl")
        try write((0..<40).map(Self.row).joined())
    }

    private static func row(_ number: Int) -> String {
        #"{"prompt":"q\#(number)","completion":"a\#(number % 7)"}"# + "\n"
    }

    private func write(_ text: String) throws { try Data(text.utf8).write(to: URL(fileURLWithPath: file)) }

    /// A memory whose clock is so many seconds ahead: files look as if they had been left alone so long.
    private func memory(ahead seconds: Int64 = 60, notesInPart: Int = 64) -> RenderingMemory {
        RenderingMemory(folder: scratch.path("memory"), notesInPart: notesInPart) {
            (WallClock.seconds + seconds) * 1_000_000_000
        }
    }

    private func render(_ dataset: Dataset, _ memory: RenderingMemory?) throws -> RenderedDataset {
        try DatasetRenderer(dataset, template: nil, memory: memory).render(RowSource(name: "rows.jsonl", path: file))
    }

    private static let datasets: [Dataset] = {
        var chosen = Dataset(source: .path("rows.jsonl"), validation: .fraction(0.2, seed: 3))
        (chosen.dedupe, chosen.shuffle, chosen.limit) = (.exact, 5, 30)
        return [
            Dataset(source: .path("rows.jsonl")),
            Dataset(source: .path("rows.jsonl"), validation: .rows(7, seed: 1)),
            chosen,
        ]
    }()

    /// What is known of two renderings, and their bytes.
    private func expectSame(_ one: RenderedDataset, _ other: RenderedDataset, _ context: String) throws {
        #expect(one.train.counts == other.train.counts, "\(context)")
        #expect(one.validation?.counts == other.validation?.counts, "\(context)")
        #expect(one.sourceDigest == other.sourceDigest && one.form == other.form, "\(context)")
        #expect(one.steps == other.steps, "\(context)")
        #expect(try one.train.bytes() == other.train.bytes(), "\(context)")
        #expect(try one.validation?.bytes() == other.validation?.bytes(), "\(context)")
    }

    @Test("says of data that did not change what was said before, without opening it", arguments: datasets.indices)
    func opensNothing(_ index: Int) throws {
        let dataset = Self.datasets[index]
        let opened = try OpenWatch(file)
        let first = try render(dataset, memory())
        #expect(opened.take())
        let second = try render(dataset, memory())
        #expect(!opened.take())
        try expectSame(first, second, "")
    }

    @Test("reads what changed so short a time ago that it may change again without a trace")
    func racy() throws {
        let opened = try OpenWatch(file)
        for _ in 0..<2 {
            _ = try render(Self.datasets[0], memory(ahead: 0))
            #expect(opened.take())
        }
    }

    @Test("says of data after any edits what reading it says", arguments: [1, 2, 3] as [UInt64])
    func edits(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for step in 0..<25 {
            try edit(&generator)
            for dataset in Self.datasets {
                let remembered = try render(dataset, memory())
                try expectSame(remembered, render(dataset, nil), "seed \(seed), step \(step)")
            }
        }
    }

    /// Appends, changes in place, cuts off, replaces, or leaves the file as it is.
    private func edit(_ generator: inout SeededGenerator) throws {
        var lines = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n").map { $0 + "\n" }
        switch Int.random(in: 0..<5, using: &generator) {
        case 0:
            let handle = try #require(FileHandle(forWritingAtPath: file))
            try handle.seekToEnd()
            try handle.write(contentsOf: Data(Self.row(Int.random(in: 0..<99, using: &generator)).utf8))
            try handle.close()
        case 1:
            let before = try #require(try FileStatus.of(file)).changed
            let byte = UInt8.random(in: 0x61...0x7A, using: &generator)
            // The memory's clock is ahead, so that time has to go on between two edits for it to see the second.
            repeat {
                let handle = try #require(FileHandle(forUpdatingAtPath: file))
                try handle.seek(toOffset: 11)
                try handle.write(contentsOf: Data([byte]))
                try handle.close()
            } while try FileStatus.of(file)?.changed == before
        case 2 where lines.count > 20:
            lines.removeLast()
            try write(lines.joined())
        case 3:
            lines.shuffle(using: &generator)
            try Data(lines.joined().utf8).write(to: URL(fileURLWithPath: file), options: .atomic)
        default: break
        }
    }

    @Test("reads data again where what was kept is damaged or gone")
    func damage() throws {
        let first = try render(Self.datasets[1], memory())
        let notes = try Folder.files(below: scratch.path("memory"))
        #expect(notes.count == 1)
        for damaged in ["", "{}", "{\"train\":1}", "\u{0}\u{0}"] {
            try Data(damaged.utf8).write(to: URL(fileURLWithPath: scratch.path("memory/\(notes[0])")))
            try expectSame(first, render(Self.datasets[1], memory()), damaged)
        }
        try Folder.remove(scratch.path("memory"))
        try expectSame(first, render(Self.datasets[1], memory()), "gone")
    }

    @Test("keeps no more notes than it may, the newest of them")
    func bound() throws {
        for seed in 0..<300 {
            _ = try render(
                Dataset(source: .path("rows.jsonl"), validation: .rows(1, seed: seed)),
                memory(notesInPart: 1)
            )
        }
        let notes = try Folder.files(below: scratch.path("memory"))
        #expect(notes.count > 100 && Set(notes.map { $0.prefix(2) }).count == notes.count)
        let opened = try OpenWatch(file)
        _ = try render(Dataset(source: .path("rows.jsonl"), validation: .rows(1, seed: 299)), memory(notesInPart: 1))
        #expect(!opened.take())
    }
}

/// Sees whether anybody opens a file.
private final class OpenWatch {
    private let descriptor: Int32

    init(_ path: String) throws {
        descriptor = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
        try #require(descriptor >= 0 && inotify_add_watch(descriptor, path, UInt32(IN_OPEN)) >= 0)
    }

    deinit { close(descriptor) }

    /// Whether the file was opened since the last time that this was asked.
    func take() -> Bool {
        var events = [UInt8](repeating: 0, count: 4096)
        var wasOpened = false
        while read(descriptor, &events, events.count) > 0 { wasOpened = true }
        return wasOpened
    }
}
