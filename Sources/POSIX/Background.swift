//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Dispatch
internal import Synchronization

/// A value that is made beside what else goes on, for whoever will ask for it.
package final class Background<Value: Sendable>: Sendable {
    private let work: @Sendable () -> Value
    private let begun = DispatchGroup()
    private let made = Mutex<Value?>(nil)

    /// Begins to make the value; of several, one is made after the other.
    package init(_ make: @escaping @Sendable () -> Value) {
        work = make
        BackgroundQueue.shared.async(group: begun) { _ = self.make() }
    }

    /// Waits until the value is made.
    package func wait() { begun.wait() }

    /// The value, waited for where it is not made yet.
    package var value: Value {
        begun.wait()
        return make()
    }

    private func make() -> Value {
        made.withLock { made in
            if let made { return made }
            let value = work()
            made = value
            return value
        }
    }
}

/// One thread for all, as the others are for work that is waited for.
private enum BackgroundQueue {
    static let shared = DispatchQueue(label: "ftops.background", qos: .userInitiated)
}
