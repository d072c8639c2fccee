//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Synchronization

/// Remembers what files were read as, each by the digest of its content, so that what did not change is parsed once.
///
/// It is filled from the bytes of an earlier one and gives bytes for the next. Of a kind that was asked for, what nobody
/// asked for is forgotten with them, so that it stays as small as what is in use.
package final class ReadingMemory: Sendable {
    /// What kind of file was read.
    package enum Kind: UInt8, Hashable, Sendable, CaseIterable {
        case manifest = 1
        case runs = 2
        case versions = 3
    }

    /// The digest of what was read, up to 32 bytes.
    package struct Key: Hashable, Sendable {
        fileprivate let words: [UInt64]

        /// Makes a key from four words.
        package init(_ first: UInt64, _ second: UInt64, _ third: UInt64, _ fourth: UInt64 = 0) {
            words = [first, second, third, fourth]
        }
    }

    private struct Place: Hashable {
        let kind: Kind
        let key: Key
    }

    private enum Content {
        /// Bytes of the earlier memory.
        case packed(ArraySlice<UInt8>)
        /// A value that was read now.
        case fresh(@Sendable () -> [UInt8])

        var packed: ArraySlice<UInt8>? { if case .packed(let bytes) = self { bytes } else { nil } }
    }

    private struct State {
        var contents: [Place: Content] = [:]
        /// The places, the oldest first.
        var order: [Place] = []
        var used: Set<Place> = []
        var hasNews = false
    }

    private let state: Mutex<State>

    /// Starts with nothing remembered.
    package init() { state = Mutex(State()) }

    /// Starts with what an earlier memory gave; nothing from any other bytes.
    package init?(packed bytes: ArraySlice<UInt8>) {
        guard let found = try? Self.unpack(bytes) else { return nil }
        state = Mutex(found)
    }

    /// What is remembered under a key.
    package func recall<Value: Packable>(_ kind: Kind, _ key: Key) -> Value? {
        let place = Place(kind: kind, key: key)
        guard let bytes = bytes(at: place), let value: Value = Self.value(bytes) else { return nil }
        markUsed(kind, key)
        return value
    }

    /// The newest value of a kind that an earlier memory gave.
    package func newest<Value: Packable>(_ kind: Kind) -> Value? {
        guard let bytes = newestBytes(kind) else { return nil }
        return Self.value(bytes)
    }

    private func bytes(at place: Place) -> ArraySlice<UInt8>? { state.withLock { $0.contents[place]?.packed } }

    private func newestBytes(_ kind: Kind) -> ArraySlice<UInt8>? {
        state.withLock { state in
            state.order.last { $0.kind == kind && state.contents[$0]?.packed != nil }
                .flatMap { state.contents[$0]?.packed }
        }
    }

    /// Notes that what is remembered under a key is in use.
    package func markUsed(_ kind: Kind, _ key: Key) {
        let place = Place(kind: kind, key: key)
        state.withLock { state in
            if state.contents[place] != nil { state.used.insert(place) }
        }
    }

    /// Remembers a value, which is packed only where it is asked for.
    package func keep(_ kind: Kind, _ key: Key, _ value: some Packable & Sendable) {
        let place = Place(kind: kind, key: key)
        state.withLock { state in
            if state.contents[place] == nil { state.order.append(place) }
            state.contents[place] = .fresh {
                var packer = Packer()
                packer.value(value)
                return packer.bytes
            }
            state.used.insert(place)
            state.hasNews = true
        }
    }

    /// The bytes for the next memory; nothing where the earlier one will do.
    package func packed() -> [UInt8]? {
        let (kept, hasNews) = state.withLock { state in
            let asked = Set(state.used.map(\.kind))
            let kept = state.order.filter { state.used.contains($0) || !asked.contains($0.kind) }
            return (kept.compactMap { place in state.contents[place].map { (place, $0) } }, state.hasNews)
        }
        guard hasNews else { return nil }
        var packer = Packer()
        packer.list(kept) { packer, entry in
            packer.byte(entry.0.kind.rawValue)
            for word in entry.0.key.words { packer.word(word) }
            switch entry.1 {
            case .packed(let bytes): packer.run(bytes)
            case .fresh(let pack): packer.run(pack()[...])
            }
        }
        return packer.bytes
    }

    private static func value<Value: Packable>(_ bytes: ArraySlice<UInt8>) -> Value? {
        var unpacker = Unpacker(bytes)
        guard let value = try? Value(from: &unpacker), unpacker.isAtEnd else { return nil }
        return value
    }

    private static func unpack(_ bytes: ArraySlice<UInt8>) throws(PackingError) -> State {
        var unpacker = Unpacker(bytes)
        var state = State()
        for _ in 0..<(try unpacker.count()) {
            guard let kind = Kind(rawValue: try unpacker.byte()) else { throw PackingError() }
            let key = Key(try unpacker.word(), try unpacker.word(), try unpacker.word(), try unpacker.word())
            let place = Place(kind: kind, key: key)
            guard state.contents.updateValue(.packed(try unpacker.run()), forKey: place) == nil else {
                throw PackingError()
            }
            state.order.append(place)
        }
        guard unpacker.isAtEnd else { throw PackingError() }
        return state
    }
}
