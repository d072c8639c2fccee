//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Resources

/// Makes JSON lines of a Parquet file, which needs a library that only another program has.
package protocol ParquetConversion: Sendable {
    /// The path of a file with a row of JSON a line, made of the bytes of a source with this digest.
    func convert(_ source: RowSource, digest: ContentDigest) throws -> String
}
