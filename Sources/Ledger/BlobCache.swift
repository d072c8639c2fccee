//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Git
import Synchronization

/// What blobs were read as, by their ids, so that one that did not change is parsed once a process.
final class BlobCache<Value: Sendable>: Sendable {
    /// Far more than any repository has; reached only by a process that reads many, and then begun anew.
    private let limit = 100_000
    private let values = Mutex<[ObjectID: Value]>([:])

    func value(of id: ObjectID, parse: () throws -> Value) rethrows -> Value {
        if let value = values.withLock({ $0[id] }) { return value }
        let value = try parse()
        values.withLock { values in
            if values.count >= limit { values.removeAll() }
            values[id] = value
        }
        return value
    }
}
